"""A real server: what it is asked, what is written for it, and whether all is well there.

`questions` and their checks, which `trying` makes for good · `answers` from a terminal or a file ·
`environment` the settings' file · `files` what is written · `next_steps` what is left to do ·
`doctor` whether all is well, from `machine`, `stored`, `service` and `reach`.
"""
