# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# What an administrator has switched off is not switched on by an upgrade.

clean
install "$packages/exeio-older.deb" >/dev/null 2>&1
eventually 60 answers >/dev/null
systemctl disable --now --quiet "$unit"
check "the new version installs over a stopped one" install "$packages/exeio.deb"
check "a disabled unit stays disabled" same "its state" disabled "$(systemctl is-enabled "$unit" || true)"
check "it is not running" not systemctl is-active --quiet "$unit"
clean
