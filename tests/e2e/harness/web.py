"""nginx and lighttpd with the very files of conf/.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import re
import subprocess

from . import tree
from .process import Daemon, clean_environment, free_port, port_answers, until


class Web:
    """What both have in common: a folder, a port, a log."""

    def __init__(self, dir, run_dir, proxy=None, port=None):
        self.dir = dir
        self.run_dir = run_dir
        self.proxy = proxy
        self.port = free_port() if port is None else port
        self.log = os.path.join(dir, "web.log")
        self.access_log = os.path.join(dir, "b3scale-access.log")
        self.daemon = None
        os.makedirs(os.path.join(dir, "tmp"), exist_ok=True)

    def install(self, name):
        """A file of conf/, with its places filled in."""
        text = tree.conf(name + ".in").replace("@RUN_DIR@", self.run_dir)
        text = text.replace("@LOG_DIR@", self.dir)
        text = text.replace("@AWAY_DIR@", tree.AWAY)
        if self.proxy is not None:
            # As the admin does it: take the # away, put the address in.
            lines = [re.sub("^#", "", line) if self.is_for_proxy(line)
                     else line for line in text.splitlines()]
            text = "\n".join(lines).replace("192.0.2.10", self.proxy) + "\n"
        return self.write(os.path.basename(name), text)

    @staticmethod
    def is_for_proxy(line):
        return "192.0.2.10" in line

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def check(self):
        """Lets it check its configuration; whatever it says is an error."""
        done = subprocess.run(self.check_argv(), capture_output=True,
                              text=True, check=False, cwd="/",
                              env=clean_environment())
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def start(self):
        self.configure()
        self.check()
        self.daemon = Daemon(self.argv(), self.log)
        until(self._answers, 10, self.argv()[0])
        return self

    def _answers(self):
        if not self.daemon.running():
            raise AssertionError(self.daemon.text()[-2000:])
        return port_answers(self.port)

    def stop(self):
        return self.daemon.stop(10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def access_lines(self):
        if not os.path.exists(self.access_log):
            return []
        with open(self.access_log, encoding="utf-8", errors="replace") as f:
            return f.read().splitlines()


class Nginx(Web):
    name = "nginx"
    too_long = 414
    overload = 503

    def configure(self):
        user = "user root;" if os.getuid() == 0 else ""
        self.write("nginx.conf", f"""
            {user}
            daemon off;
            worker_processes 2;
            pid {self.dir}/nginx.pid;
            error_log {self.log} warn;
            events {{ worker_connections 4096; }}
            http {{
                access_log off;
                client_body_temp_path {self.dir}/tmp;
                proxy_temp_path {self.dir}/tmp;
                fastcgi_temp_path {self.dir}/tmp;
                uwsgi_temp_path {self.dir}/tmp;
                scgi_temp_path {self.dir}/tmp;
                {self.http()}
            }}
            """)

    def http(self):
        return f"""
            include {self.install("nginx/b3scale-http.conf")};
            server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                include {self.install("nginx/b3scale.conf")};
                location / {{ return 404; }}
            }}"""

    def argv(self):
        return [tree.tool("nginx"), "-p", self.dir, "-e", self.log, "-c",
                f"{self.dir}/nginx.conf"]

    def check_argv(self):
        return self.argv() + ["-t", "-q"]


class Balancer(Nginx):
    """conf/nginx/balancer.conf in front of some nodes, without TLS."""

    name = "balancer"

    def __init__(self, dir, nodes):
        super().__init__(dir, run_dir="/nonexistent")
        self.nodes = nodes

    def http(self):
        text = tree.conf("nginx/balancer.conf")
        text = re.sub(r"^\t(listen|ssl_|server ).*\n", "", text, flags=re.M)
        servers = "".join(f"\tserver 127.0.0.1:{port} max_fails=3 "
                          "fail_timeout=5s;\n" for port in self.nodes)
        text = text.replace("\tleast_conn;\n", "\tleast_conn;\n" + servers)
        text = text.replace("\tserver_name",
                            f"\tlisten 127.0.0.1:{self.port};\n\tserver_name")
        text = text.replace("/var/log/nginx", self.dir)
        return f"include {self.write('balancer.conf', text)};"


class Lighttpd(Web):
    name = "lighttpd"
    too_long = 431
    # It calls it a failure of its own, whatever is answered.
    overload = 500

    def configure(self):
        # The parse options are those of Debian's own configuration: they
        # change what lighttpd thinks the query is.
        self.write("lighttpd.conf", f"""
            server.bind = "127.0.0.1"
            server.port = {self.port}
            server.document-root = "{self.dir}/tmp"
            server.upload-dirs = ( "{self.dir}/tmp" )
            server.errorlog = "{self.log}"
            server.max-fds = 16384
            server.listen-backlog = 4096
            server.http-parseopts = (
                "header-strict" => "enable",
                "host-strict" => "enable",
                "host-normalize" => "enable",
                "url-normalize-unreserved" => "enable",
                "url-normalize-required" => "enable",
                "url-ctrls-reject" => "enable",
                "url-path-2f-decode" => "enable",
                "url-path-dotseg-remove" => "enable"
            )
            include "{self.install("lighttpd/50-b3scale.conf")}"
            """)

    @staticmethod
    def is_for_proxy(line):
        return "extforward" in line

    def argv(self):
        return [tree.tool("lighttpd"), "-D", "-f",
                f"{self.dir}/lighttpd.conf"]

    def check_argv(self):
        return [tree.tool("lighttpd"), "-tt", "-f",
                f"{self.dir}/lighttpd.conf"]


SERVERS = {"nginx": Nginx, "lighttpd": Lighttpd}
