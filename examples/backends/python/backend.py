#!/usr/bin/env python3
"""An execution backend for Workport in one file: EBP/1 on stdin and stdout, with the standard library alone.

To make it yours, write `run_input`, `begin` and CODES. What follows them is the protocol (docs/protocol.md).
Standard output is the wire: print to standard error, which goes to the operator's log.
"""
import json, os, sys, threading, traceback, uuid
from collections import deque

NAME, VERSION, CODES = "python-example", "1", ["out-of-luck"]

# #region work
def begin(profile):
    """Why a Worker with this profile is refused; None: it is not."""
    return "backend-rejected" if profile["name"] == "refused" else None

def run_input(parts, run):
    """Does what one input asks for. Returning completes the run, `Failed(code)` and every other error fails it.
    What is called of `run` raises `Cancelled` once it is to end; who works on without calling looks at
    `run.cancelled`."""
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    word, *numbers = text.split() or [""]
    if word == "stream":
        for index in range(int(numbers[0])):
            run.text(str(index).ljust(int(numbers[1]), "."))
    elif word == "ask":
        run.text(json.dumps(run.ask("Go on?")))
    elif word == "withdraw":
        run.ask("Still there?", timeout=0.01)
    elif word == "fail":
        raise Failed("out-of-luck")
    else:
        run.text(text)
        if word == "wait":
            run.wait()

# #endregion work
class Cancelled(Exception):
    pass

class Failed(Exception):
    pass

class Run:
    """One input that was accepted, on a thread of its own, so that the loop that reads never waits for it."""

    def __init__(self, worker, input_id, parts):
        self.worker, self.input_id, self.parts = worker, input_id, parts
        self.cancelled, self.cancels = False, []  # the requests that wait for its end
        self.question, self.answer = None, None

    def say(self, event):
        """Publishes an event. Waits while the window is full."""
        with changed:
            self.worker.publish(self, event)

    def text(self, text):
        self.say({"type": "text-delta", "messageId": f"{self.input_id}:text", "text": text})

    def wait(self, seconds=None, until=lambda: False):
        """Waits for so long, or until something holds: whether it does."""
        with changed:
            holds = changed.wait_for(lambda: self.cancelled or until(), seconds)
            if self.cancelled:
                raise Cancelled
            return holds

    def ask(self, prompt, timeout=None, **more):
        """Asks the user. {"text": …}, or {"optionId": …} where there are options; None: nobody answered in time."""
        with changed:
            self.question, self.answer = str(uuid.uuid4()), None
            self.say({"type": "question-asked", "questionId": self.question, "prompt": prompt, **more})
            if not self.wait(timeout, lambda: self.answer):
                self.say({"type": "question-withdrawn", "questionId": self.close_question(), "cause": "expired"})
            return self.answer

    def close_question(self):
        closed, self.question = self.question, None
        self.worker.closed_questions.append(closed)
        return closed

    def work(self):
        end = {"end": "completed"}
        try:
            run_input(self.parts, self)
        except Failed as failure:
            end = {"end": "failed", "code": str(failure)}
        except Exception as error:
            end = {"end": "failed"}
            if not isinstance(error, Cancelled):
                traceback.print_exc()
        with changed:
            self.worker.publish(self, {"type": "run-ended", **({"end": "cancelled"} if self.cancelled else end)})

class Worker:
    """One execution. Whoever touches it holds `changed`."""

    def __init__(self, worker_id, generation):
        self.name = {"workerId": worker_id, "generation": generation}
        self.sequence, self.kept, self.kept_bytes = 0, deque(), 0  # what is not acknowledged: number and bytes
        self.run, self.stopping, self.over = None, False, False
        self.taken, self.closed_questions = deque(maxlen=64), deque(maxlen=64)

    def publish(self, run, event):
        is_end = event["type"] == "run-ended"
        entry = {"inputId": run.input_id, "event": event}
        size = len(json.dumps(entry))
        if size + 256 > limits["maxLineBytes"]:
            raise ValueError("event-too-large")
        changed.wait_for(lambda: self.over or self.has_room(size) or (run.cancelled and not is_end))
        if not is_end and (self.over or run.cancelled):
            raise Cancelled
        if not self.over:
            self.sequence, self.kept_bytes = self.sequence + 1, self.kept_bytes + size
            self.kept.append((self.sequence, size))
            send(method="worker/events", params={**self.name, "sequence": self.sequence, "events": [entry]})
        if is_end:
            self.end_run(run, ACCEPTED)

    def has_room(self, size):
        fits = len(self.kept) < limits["windowEvents"] and self.kept_bytes + size <= limits["windowBytes"]
        return fits or not self.kept

    def acknowledge(self, sequence):
        while self.kept and self.kept[0][0] <= sequence:
            self.kept_bytes -= self.kept.popleft()[1]
        changed.notify_all()

    def end_run(self, run, answer):
        """It says nothing more. Its cancels are answered behind its end."""
        self.run = None if self.run is run else self.run
        if run.question:
            run.close_question()
        while run.cancels:
            send(id=run.cancels.pop(), result=answer)
        changed.notify_all()

    def end(self, grace_ms):
        """Ends it within the grace. What it says until then still counts."""
        run, self.stopping = self.run, True
        if run:
            run.cancelled = True
            changed.notify_all()
            changed.wait_for(lambda: self.run is not run, max(grace_ms / 1000, 0.1))
        self.over = True
        if run:
            self.end_run(run, NOT_OPEN)

ACCEPTED, BUSY, UNSUPPORTED = {"outcome": "accepted"}, {"outcome": "busy"}, {"outcome": "unsupported"}
STOPPED = {"outcome": "accepted", "end": "stopped"}
STALE = {"outcome": "errored", "code": "stale-generation"}
DISCONNECTED = {"outcome": "errored", "code": "backend-disconnected"}
NOT_OPEN = {"outcome": "rejected", "code": "input-not-open"}
CONNECTED = {"outcome": "connected", "capabilities": {"cancel": {}, "stop": {}, "questions": {}}, "codes": CODES}

changed = threading.Condition(threading.RLock())  # holds together all that follows
limits = {"maxLineBytes": 1 << 20, "windowEvents": 1024, "windowBytes": 4 << 20}
workers, generations = {}, {}  # by workerId: what runs, and the highest generation that was heard of

def spawn(worker, worker_id, generation, params, _):
    if worker or generations.get(worker_id) == generation:
        return CONNECTED if worker else STALE
    generations[worker_id] = generation
    if worker_id in workers:
        workers.pop(worker_id).end(0)
    code = begin(params["profile"])
    if code:
        return {"outcome": "rejected", "code": code}
    workers[worker_id] = Worker(worker_id, generation)
    return CONNECTED

def take_input(worker, _worker_id, _generation, params, _):
    input_id, parts = params["inputId"], [part for part in params["parts"] if not part["type"].startswith("_")]
    if not all(part["type"] in ("text", "blob") for part in parts):
        raise ValueError("an unknown kind of part")
    if input_id in worker.taken:
        return ACCEPTED
    if worker.run or worker.stopping:
        return BUSY
    worker.taken.append(input_id)
    worker.run = Run(worker, input_id, parts)
    threading.Thread(target=worker.run.work, daemon=True).start()  # it publishes once this request is answered
    return ACCEPTED

def take_answer(worker, _worker_id, _generation, params, _):
    question_id, answer = params["questionId"], params["answer"]
    if not isinstance(answer, dict) or not {"optionId", "text"} & answer.keys():
        raise ValueError("neither an option nor a text")
    if not worker.run or worker.run.question != question_id:
        is_closed = question_id in worker.closed_questions
        return {"outcome": "rejected", "code": "question-closed" if is_closed else "question-unknown"}
    worker.run.close_question()
    worker.run.answer = answer
    changed.notify_all()
    return ACCEPTED

def cancel(worker, _worker_id, _generation, params, request_id):
    if not worker.run or worker.run.input_id != params["inputId"]:
        return NOT_OPEN
    worker.run.cancelled = True
    worker.run.cancels.append(request_id)
    changed.notify_all()

def stop(_worker, worker_id, generation, params, request_id):
    grace_ms = min(max(params["graceMs"], 0), 60_000)
    generations[worker_id] = generation
    end_all([worker_id], grace_ms, request_id, STOPPED)

def end_all(worker_ids, grace_ms, request_id, answer):
    def work():
        with changed:
            for worker in [workers[worker_id] for worker_id in worker_ids if worker_id in workers]:
                worker.end(grace_ms)
            send(id=request_id, result=answer)
    threading.Thread(target=work, daemon=True).start()  # the acknowledgements that it waits for are read meanwhile

METHODS = {"worker/spawn": spawn, "worker/recover": lambda *_: UNSUPPORTED, "worker/input": take_input,
           "worker/answer": take_answer, "worker/cancel": cancel, "worker/stop": stop}

def perform(request_id, method, params):
    """What a request is answered with; None: it is answered later."""
    worker_id, generation, handle = params["workerId"], params["generation"], METHODS[method]
    if generation < generations.get(worker_id, 0):
        return STALE
    worker = workers.get(worker_id)
    if worker and (worker.over or worker.name["generation"] != generation):
        worker = None
    if not worker and handle in (take_input, take_answer, cancel):
        return DISCONNECTED
    return handle(worker, worker_id, generation, params, request_id)

def send(**message):
    with changed:
        sys.stdout.buffer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        sys.stdout.buffer.flush()

def send_error(request_id, code, message, kind, **more):
    data = {"kind": kind, "correlationId": str(uuid.uuid4()), **more}
    send(id=request_id, error={"code": code, "message": message, "data": data})

def initialize(request_id, params):
    """Whether there is a common version."""
    if 1 not in params["protocolVersions"]:
        return send_error(request_id, -32000, "Unsupported version", "unsupported-version", supported=[1])
    limits.update({name: min(limits[name], params.get("limits", {}).get(name, limits[name])) for name in limits})
    backend = {"name": NAME, "version": VERSION}
    send(id=request_id, result={"protocolVersion": 1, "backend": backend, "limits": limits})
    return True

def take(request_id, method, params):
    if request_id is None:
        worker = workers.get(params["workerId"]) if method == "$/ack" else None
        if worker and worker.name["generation"] == params["generation"]:
            worker.acknowledge(params["sequence"])
    elif method == "shutdown":
        end_all(list(workers), params.get("graceMs", 0), request_id, {})
    elif method in METHODS:
        try:
            answer = perform(request_id, method, params)
            if answer:
                send(id=request_id, result=answer)
        except (KeyError, TypeError, ValueError, AttributeError):
            send_error(request_id, -32602, "Invalid params", "invalid-params")
    elif method:
        send_error(request_id, -32601, "Method not found", "method-not-found")

def read_line():
    """The next line; b"" where it is too long; None at the end of the input, which is the end of this program."""
    line, longest = sys.stdin.buffer.readline(limits["maxLineBytes"] + 1), limits["maxLineBytes"]
    if line.endswith(b"\n") or len(line) <= longest:
        return line if line.endswith(b"\n") else None
    while line and not line.endswith(b"\n"):
        line = sys.stdin.buffer.readline(1 << 16)
    return b"" if line else None

def main():
    is_ready, number, violations, line = False, 1, 0, read_line()
    while line is not None:
        try:
            message = json.loads(line.decode("utf-8"))
            if message["jsonrpc"] != "2.0" or not {"method", "result", "error"} & message.keys():
                raise ValueError("not JSON-RPC")
            request_id, method, params = message.get("id"), message.get("method"), message.get("params", {})
            if not is_ready and method != "initialize":
                raise ValueError("before initialize")
            with changed:
                if is_ready:
                    take(request_id, method, params)
                else:
                    is_ready = bool(initialize(request_id, params))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            violations += 1
            send_error(None, -32001, "Protocol violation", "protocol-violation", line=number)
            if not is_ready or violations == 3:
                break
        line, number = read_line(), number + 1
    os._exit(0)  # whatever still runs

main()
