"""The API for a client's programs, `/api/v1`: documented by itself at `/api/v1/docs`.

`caller` who asks · `route` what every request passes before its operation · `problems` what is
answered when it cannot be · `tickets`, `calls`, … the operations · `description` its OpenAPI.
"""
