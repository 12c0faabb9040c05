#!/usr/bin/env python3
"""Runs a program at a terminal of its own, answers each question (a text that ends in "]: ") with the next line of standard input,
and prints what the terminal shows.

    ask.py PROGRAM ARGUMENT... < answers
"""
import os
import pty
import sys

answers = sys.stdin.read().splitlines()
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:  # the other end is closed
        break
    if not more:
        break
    shown += more
    if shown.endswith(b"]: "):
        os.write(terminal, (answers.pop(0) if answers else "").encode() + b"\n")
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(shown.decode().replace("\r", ""), end="")
print("status", status)
