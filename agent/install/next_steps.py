"""What is left to do once a server's files are written, in order."""

from __future__ import annotations

from agent.install.files import CADDYFILE, COMMAND, MESSAGES, NGINX
from agent.install.questions import Given


def next_steps(given: Given) -> list[tuple[str, list[str]]]:
    """Each step: why, and its commands."""
    user, home = given["user"], given["home"]
    steps: list[tuple[str, list[str]]] = [
        (
            "The user and the folders",
            [
                f"id {user} || useradd --system --home-dir {home} --shell /usr/sbin/nologin {user}",
                f"install -d -o {user} -g {user} -m 0750 {home} {given['backups']}",
            ],
        ),
        ("Models, and the demo line « orvane »", [f"{COMMAND} setup"]),
        (
            "Start it, now and after each boot",
            [
                "systemctl daemon-reload",
                "systemctl enable --now permanence.service permanence-nightly.timer",
            ],
        ),
    ]
    if given["proxy"] == "caddy":
        steps.append(
            (
                "The web server (apt-get install caddy)",
                [f"echo 'import {CADDYFILE}' >> /etc/caddy/Caddyfile", "systemctl reload caddy"],
            )
        )
    elif given["proxy"] == "nginx":
        domain = given["public_url"].removeprefix("https://")
        steps.append(
            (
                "The web server (apt-get install nginx certbot)",
                [
                    f"certbot certonly --webroot -w /var/www/html -d {domain}",
                    f"ln -s {NGINX} /etc/nginx/sites-enabled/",
                    "nginx -t && systemctl reload nginx",
                ],
            )
        )
    if given["asterisk"] == "yes":
        steps.append(
            (
                "The SIP trunk (apt-get install asterisk asterisk-modules; Asterisk 22)",
                [
                    f"{COMMAND} asterisk example > /etc/permanence/exchange.toml   # fill it in",
                    f"install -d -o asterisk -g {user} -m 2770 {MESSAGES}",
                    f"{COMMAND} asterisk check /etc/permanence/exchange.toml   # says what is left",
                ],
            )
        )
    steps.append(("The first administrator", [_administrator(given)]))
    steps.append(("Look whether all is well", [f"{COMMAND} doctor"]))
    return steps


def _administrator(given: Given) -> str:
    return f"{COMMAND} user invite {given['admin_email']} --role admin   # prints a link"
