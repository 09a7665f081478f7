"""Papers (文书) of a case: what each step issued, from its form, shown and printed as a plain page."""
