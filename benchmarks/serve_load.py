"""A served tutor under load, and killed under load: requests a second, answers lost.

    python benchmarks/serve_load.py
    python benchmarks/serve_load.py --model dkt --clients 64 --kills 100

A server is started on this machine, `python -m sktrace serve`. Clients keep their
connection, and each sends an answer of a student of its own, waits for it to be
acknowledged, and asks for predictions of all skills. Server and clients, which are one
process, take a core each. Then the server is killed (SIGKILL) at random moments, and
started again on the same file: every answer that was acknowledged must be there, once,
and so must one that was under way and is sent again, by its number. What the model then
says of each student must be what it says of a student who gave these answers elsewhere.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import sktrace
from sktrace import BKTClassifier, DKTClassifier
from sktrace.datasets import make_interactions

MODELS = {
    "bkt": lambda: BKTClassifier(
        bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, random_state=0
    ),
    "dkt": lambda: DKTClassifier(hidden_size=100, max_epochs=1, random_state=0),
}


class Server:
    """The command, in a process of its own."""

    def __init__(self, model, store, *options):
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sktrace", "serve", str(model)),
                *("--store", str(store), "--port", "0", *options),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        said = "".join(self.process.stdout.readline() for _ in range(2))
        self.port = int(re.search(r"http://127.0.0.1:(\d+)", said)[1])

    def cpu_seconds(self):
        """Return what the process has used so far, NaN where nobody says."""
        status = Path(f"/proc/{self.process.pid}/stat")
        if not status.exists():
            return np.nan
        user, system = status.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait()


class Client:
    """One student, who answers over one connection."""

    def __init__(self, student, skills, rng):
        self.student, self.skills, self.rng = student, skills, rng
        self.given = []  # acknowledged
        self.under_way = None
        self.seconds = {"/v1/answer": [], "/v1/predict": []}

    async def connect(self, port):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(self, path, body):
        """Send a request, wait for its answer; return it and the seconds it took."""
        body = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        start = time.perf_counter()
        self.writer.write(head.encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head)[1])
        answer = await self.reader.readexactly(length)
        seconds = time.perf_counter() - start
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(f"{head!r}: {answer!r}")
        self.seconds.setdefault(path, []).append(seconds)
        return json.loads(answer)

    async def answer(self):
        """Give the answer that is under way, or another one."""
        if self.under_way is None:
            skill, correct = self.rng.choice(self.skills), self.rng.randrange(2)
            self.under_way = skill, correct
        skill, correct = self.under_way
        body = {"student": self.student, "skill": skill, "correct": correct}
        taken = await self.ask("/v1/answer", body | {"number": len(self.given) + 1})
        self.given.append(self.under_way)
        self.under_way = None
        return taken

    async def work(self, end):
        """Answer and ask, until the time has come or the server has gone."""
        while time.perf_counter() < end:
            try:
                await self.answer()
                await self.ask("/v1/predict", {"student": self.student})
            except (ConnectionError, asyncio.IncompleteReadError):
                return


async def load(server, clients, seconds):
    """Let all clients work; return the seconds that they took."""
    await asyncio.gather(*(client.connect(server.port) for client in clients))
    start = time.perf_counter()
    await asyncio.gather(*(client.work(start + seconds) for client in clients))
    took = time.perf_counter() - start
    for client in clients:
        client.writer.close()
    return took


async def kill(server, clients, after):
    """Let all clients work, and kill the server."""
    working = asyncio.create_task(load(server, clients, np.inf))
    await asyncio.sleep(after)
    server.end(signal.SIGKILL)
    await working


async def send_batches(server, skills, n_batches, size, rng):
    """Return answers a second, sent by the batch."""
    client = Client("batches", skills, rng)
    await client.connect(server.port)
    start = time.perf_counter()
    for _ in range(n_batches):
        answers = [
            {
                "student": rng.randrange(1_000_000),
                "skill": rng.choice(skills),
                "correct": rng.randrange(2),
            }
            for _ in range(size)
        ]
        await client.ask("/v1/answers", {"answers": answers})
    client.writer.close()
    return n_batches * size / (time.perf_counter() - start)


async def check(server, clients):
    """Count answers lost and twice; send again what was under way."""
    lost = twice = resent = 0
    for client in clients:
        await client.connect(server.port)
        there = (await client.ask("/v1/predict", {"student": client.student}))[
            "answers"
        ]
        lost += max(0, len(client.given) - there)
        most = len(client.given) + (client.under_way is not None)
        twice += max(0, there - most)
        if client.under_way is not None:
            resent += 1
            taken = await client.answer()
            twice += max(0, taken["answers"] - len(client.given))
            lost += max(0, len(client.given) - taken["answers"])
        client.writer.close()
    return np.array([lost, twice, resent])


async def compare_states(server, clients, classifier):
    """Return the largest difference from a tracer that was told the same answers."""
    tracer, gaps = classifier.tracer(), [0.0]
    for client in clients:
        for skill, correct in client.given:
            tracer.update(client.student, skill, correct)
        await client.connect(server.port)
        said = await client.ask("/v1/predict", {"student": client.student})
        p = [each["probability"] for each in said["predictions"]]
        gaps.append(np.abs(p - tracer.predict_proba(client.student)).max())
        client.writer.close()
    return max(gaps)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="bkt")
    parser.add_argument("--skills", type=int, default=20)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--synchronous", default="NORMAL")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    X, y = make_interactions(200, options.skills, random_state=0)
    classifier = MODELS[options.model]().fit(X, y)
    skills, rng = classifier.skills_.tolist(), random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        model, store = Path(folder) / "model.sktrace", Path(folder) / "class.db"
        sktrace.save(classifier, model)
        more = ["--synchronous", options.synchronous]
        server = Server(model, store, *more)
        print("clients  requests/s  CPU ms           call  p50 ms  p99 ms")
        for n_clients in options.clients:
            clients = [
                Client(f"{n_clients}:{k}", skills, rng) for k in range(n_clients)
            ]
            before = server.cpu_seconds()
            took = asyncio.run(load(server, clients, options.seconds))
            n_requests = sum(len(s) for c in clients for s in c.seconds.values())
            cpu = 1000 * (server.cpu_seconds() - before) / n_requests
            for path in ("/v1/answer", "/v1/predict"):
                each = np.concatenate([client.seconds[path] for client in clients])
                p50, p99 = 1000 * np.quantile(each, [0.5, 0.99])
                print(
                    f"{n_clients:7}{n_requests / took:12,.0f}{cpu:8.2f}"
                    f"{path:>15}{p50:8.2f}{p99:8.2f}"
                )
        rate = asyncio.run(send_batches(server, skills, 20, 1000, rng))
        print(f"batches of 1,000: {rate:,.0f} answers/s")
        server.end()
        clients = [
            Client(f"killed {k}", skills, rng) for k in range(options.clients[-1])
        ]
        counts = np.zeros(3, dtype=int)
        for _ in range(options.kills):
            server = Server(model, store, *more)
            counts += asyncio.run(check(server, clients))
            asyncio.run(kill(server, clients, rng.uniform(0.02, 1)))
        server = Server(model, store, *more)
        counts += asyncio.run(check(server, clients))
        gap = asyncio.run(compare_states(server, clients, classifier))
        ended = server.end()
    n_given = sum(len(client.given) for client in clients)
    lost, twice, resent = counts
    print(
        f"{options.kills} kills, {n_given:,} answers acknowledged: {lost} lost, "
        f"{twice} twice; {resent} under way, sent again. Largest difference from a "
        f"tracer that was told the same: {gap:.1e}. SIGTERM: status {ended}."
    )
    return int(lost + twice > 0 or gap > 1e-6 or ended != 0)


if __name__ == "__main__":
    sys.exit(main())
