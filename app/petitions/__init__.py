"""Petitions (信访事项): the record behind a case, what its service tasks do, and its pages."""
