#!/bin/sh
# permanence as its own user, with this server's settings: for administrators, as root.
set -a
. @ENV@
HOME=@HOME@
set +a
cd "$HOME" || exit 1
exec runuser -u @USER@ -- @PROGRAM@ "$@"
