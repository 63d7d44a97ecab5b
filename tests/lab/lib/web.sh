# SPDX-License-Identifier: GPL-2.0
# A web server on host B with one file of random octets, and host A's way to its name.

WEB_NAME=server.example

# web_file BYTES: what is served, and its checksum.
web_file() {
	mkdir -p "$WORK/www"
	head -c "$1" /dev/urandom > "$WORK/www/file"
	sha256sum < "$WORK/www/file" | cut -d' ' -f1 > "$WORK/sha256"
}

# web_server: nginx in B. web_name ADDRESS: what A's resolver says for its name.
web_server() {
	chmod 755 "$WORK" "$WORK/www"
	cat > "$WORK/nginx.conf" <<-E
	daemon off; worker_processes 1; pid $WORK/nginx.pid; error_log $WORK/nginx.log;
	events { worker_connections 64; }
	http {
		access_log off; sendfile on;
		client_body_temp_path $WORK/nginx.body; proxy_temp_path $WORK/nginx.proxy; fastcgi_temp_path $WORK/nginx.fastcgi;
		uwsgi_temp_path $WORK/nginx.uwsgi; scgi_temp_path $WORK/nginx.scgi;
		server { listen [::]:80; root $WORK/www; }
	}
	E
	run nginx B nginx -c "$WORK/nginx.conf"
	wait_for 10 listening B 80
}
web_name() {
	mkdir -p /etc/netns/A
	printf '::1 localhost\n%s %s\n' "$1" "$WEB_NAME" > /etc/netns/A/hosts
}
