# Runs as root at each start of the notebook instance. IDLE_MINUTES and IDLE_STOP (the script) are set above.
install -d -m 0755 /opt/mlgov
printf '%s\n' "$IDLE_STOP" > /opt/mlgov/idle_stop.py
chmod 0644 /opt/mlgov/idle_stop.py

cat > /etc/systemd/system/mlgov-idle-stop.service <<UNIT
[Unit]
Description=Stop this notebook instance when it is idle
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /opt/mlgov/idle_stop.py $IDLE_MINUTES
UNIT

cat > /etc/systemd/system/mlgov-idle-stop.timer <<UNIT
[Unit]
Description=Look every five minutes whether this notebook instance is idle
[Timer]
OnActiveSec=5min
OnUnitActiveSec=5min
UNIT

systemctl daemon-reload
systemctl restart mlgov-idle-stop.timer
