"""The engine: runs any procedure folder, knows no Flask and no petition."""
