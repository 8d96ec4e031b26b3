"""Sample manuals of the fictional brand Orvane, and the code that typesets them."""
