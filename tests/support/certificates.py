# certificates.py -- certificates of a herd's own making, good and bad ones.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import ssl
import subprocess


def can_be_made():
    return shutil.which("openssl") is not None


class Authority:
    """Vouches for servers; who trusts FILE trusts them."""

    def __init__(self, herd, name="authority"):
        self.directory = os.path.join(herd.path, name)
        os.mkdir(self.directory)
        self.file = self._path("ca.pem")
        self._openssl("req", "-x509", *self._new_key("ca"), "-out", self.file, "-subj", f"/CN={name}",
                      "-days", "2")

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _new_key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", self._path(name + ".key"))

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def context(self, name="localhost", days=2):
        """What a server called NAME shows, good for DAYS; expired where that is negative."""
        request, certificate, names = (self._path(name + end) for end in (".csr", ".pem", ".names"))
        with open(names, "w") as file:
            file.write(f"subjectAltName=DNS:{name}\n")
        self._openssl("req", *self._new_key(name), "-out", request, "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._path("ca.key"),
                      "-CAcreateserial", "-days", str(days), "-extfile", names, "-out", certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, self._path(name + ".key"))
        return context
