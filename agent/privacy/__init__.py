"""Personal data: what of a text is somebody's own, and how it is hidden. Pure, imports no layer."""
