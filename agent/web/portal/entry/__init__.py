"""Where one comes in: plain pages with forms, without a script.

- pages.py: what they are put together from, in the language of the browser
- sentences.py: what is said of what cannot be
- door.py: who has shown who they are is let in
- sign_in.py: /connexion, /deconnexion
- second_step.py: the code, and having one
- forgotten.py: /mot-de-passe-oublie
- invited.py: /invitation/TOKEN
"""
