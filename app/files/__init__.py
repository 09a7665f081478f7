"""Files (材料): taken in by content, stored once by hash outside the web root, given out by permission."""
