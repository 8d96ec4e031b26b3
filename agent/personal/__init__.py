"""What an installation does for the law: keep for a time, show, hand out, erase, save and restore.

`person` one number · `export` what is handed out · `retention` what the night deletes · `backup`
and `restore` · `register` the record of processing.
"""
