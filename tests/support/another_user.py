# another_user.py -- programs that are run as the user nobody.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import pwd
import shutil
import stat
import tempfile
import unittest

from herd import BUILD, program

NOBODY = pwd.getpwnam("nobody")
AS_NOBODY = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": [], "cwd": "/"}
only_root = unittest.skipUnless(os.geteuid() == 0, "only root can be another user")


def is_open(directory):
    """True where everybody may come to DIRECTORY and look into it."""
    needed = stat.S_IROTH | stat.S_IXOTH
    if os.stat(directory).st_mode & needed != needed:
        return False
    return all(os.stat(parent).st_mode & stat.S_IXOTH for parent in parents(directory))


def parents(path):
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        yield path


def program_as_nobody(herd, name):
    """Options of subprocess.run that run NAME as nobody, as a copy where the checkout is closed to others."""
    build = os.path.abspath(BUILD)
    if is_open(os.path.join(build, "lib")):
        return {"executable": program(name), **AS_NOBODY}
    copy = tempfile.mkdtemp(prefix="programs-")
    herd.also_close(lambda: shutil.rmtree(copy, ignore_errors=True))
    for part in ("bin", "etc", "lib", "libexec", "share"):
        shutil.copytree(os.path.join(build, part), os.path.join(copy, part))
    for directory, _, files in os.walk(copy):
        for path in [directory, *(os.path.join(directory, file) for file in files)]:
            os.chmod(path, os.stat(path).st_mode | (0o555 if os.access(path, os.X_OK) else 0o444))
    return {"executable": os.path.join(copy, "bin", name), **AS_NOBODY}
