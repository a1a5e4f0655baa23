# Leads pip and uv to the package repository. PACKAGE_INDEX (the program), PACKAGE_DOMAIN and PACKAGE_REPOSITORY
# are set above. As root for everyone; without root, as in Studio, for this person. A failure stops nobody's start.
if [ "$(id -u)" = 0 ]; then
  MLGOV_BIN=/usr/local/bin
  MLGOV_CONFIGURATIONS=/etc
  MLGOV_PIP=/etc/pip.conf
else
  MLGOV_BIN="$HOME/.local/bin"
  MLGOV_CONFIGURATIONS="$HOME/.config"
  MLGOV_PIP="$HOME/.config/pip/pip.conf"
fi
mkdir -p "$MLGOV_BIN" "$(dirname "$MLGOV_PIP")"
{ echo '#!/usr/bin/env python3'; printf '%s\n' "$PACKAGE_INDEX"; } > "$MLGOV_BIN/keyring"
chmod 0755 "$MLGOV_BIN/keyring"
if "$MLGOV_BIN/keyring" configure "$MLGOV_CONFIGURATIONS" "$PACKAGE_DOMAIN" "$PACKAGE_REPOSITORY"; then
  [ "$MLGOV_CONFIGURATIONS/pip.conf" = "$MLGOV_PIP" ] || mv "$MLGOV_CONFIGURATIONS/pip.conf" "$MLGOV_PIP"
  # Terminals and kernels of a person find the program only on their path.
  [ "$(id -u)" = 0 ] || grep -qs mlgov-packages "$HOME/.bashrc" \
    || echo 'export PATH="$HOME/.local/bin:$PATH"  # mlgov-packages' >> "$HOME/.bashrc"
else
  echo 'The package repository gives no answer: pip and uv stay as they were' >&2
fi
