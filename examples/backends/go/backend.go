// An execution backend for Workport in one file: EBP/1 on stdin and stdout, with the standard library alone.
//
// To make it yours, write begin, runInput and codes. What follows them is the protocol (docs/protocol.md).
// Standard output is the wire: print to standard error, which goes to the operator's log.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const name, version = "go-example", "1"

var codes = []string{"out-of-luck"}

// begin answers why a Worker with this profile is refused; "": it is not.
func begin(profile string) string {
	if profile == "refused" {
		return "backend-rejected"
	}
	return ""
}

// runInput does what one input asks for. nil completes the run, a failed code and every other error fails it. What is
// called of run answers errCancelled once it is to end; who works on without calling looks at run.cancelled.
func runInput(text string, run *run) error {
	words := append(strings.Fields(text), "", "", "")
	switch words[0] {
	case "stream":
		count, _ := strconv.Atoi(words[1])
		size, _ := strconv.Atoi(words[2])
		for index := 0; index < count; index++ {
			number := strconv.Itoa(index)
			if err := run.text(number + strings.Repeat(".", max(0, size-len(number)))); err != nil {
				return err
			}
		}
		return nil
	case "ask":
		answer, err := run.ask("Go on?", 0)
		if err != nil {
			return err
		}
		return run.text(string(answer))
	case "withdraw":
		_, err := run.ask("Still there?", 10*time.Millisecond)
		return err
	case "fail":
		return failed("out-of-luck")
	}
	if err := run.text(text); err != nil || words[0] != "wait" {
		return err
	}
	<-run.cancelled
	return errCancelled
}

// failed is a code of codes with which a run ends.
type failed string

func (code failed) Error() string { return string(code) }

var errCancelled = errors.New("cancelled")
var errTooLarge = errors.New("event-too-large")

type object map[string]any

// run is one input that was accepted, on a goroutine of its own, so that the loop that reads never waits for it.
type run struct {
	worker    *worker
	inputID   string
	cancelled chan struct{}
	cancels   []json.RawMessage // the requests that wait for its end
	question  string
	answered  chan json.RawMessage
}

// say publishes an event. It waits while the window is full.
func (run *run) say(event object) error {
	lock.Lock()
	defer lock.Unlock()
	return run.worker.publish(run, event, false)
}

func (run *run) text(text string) error {
	return run.say(object{"type": "text-delta", "messageId": run.inputID + ":text", "text": text})
}

// ask asks the user and waits: {"text": …}, or nil where nobody answered in time. 0: for ever.
func (run *run) ask(prompt string, timeout time.Duration) (json.RawMessage, error) {
	lock.Lock()
	run.question, run.answered = newID(), make(chan json.RawMessage, 1)
	question, answered := run.question, run.answered
	err := run.worker.publish(run, object{"type": "question-asked", "questionId": question, "prompt": prompt}, false)
	lock.Unlock()
	if err != nil {
		return nil, err
	}
	var expired <-chan time.Time
	if timeout > 0 {
		expired = time.After(timeout)
	}
	select {
	case answer := <-answered:
		return answer, nil
	case <-run.cancelled:
		return nil, errCancelled
	case <-expired:
	}
	lock.Lock()
	defer lock.Unlock()
	if run.question != question {
		return <-answered, nil
	}
	run.closeQuestion()
	return nil, run.worker.publish(run, object{"type": "question-withdrawn", "questionId": question, "cause": "expired"}, false)
}

func (run *run) closeQuestion() {
	run.worker.closedQuestions = remember(run.worker.closedQuestions, run.question)
	run.question = ""
}

func (run *run) isCancelled() bool {
	select {
	case <-run.cancelled:
		return true
	default:
		return false
	}
}

func (run *run) cancel() {
	if !run.isCancelled() {
		close(run.cancelled)
	}
	changed.Broadcast()
}

func (run *run) work(text string) {
	err := runInput(text, run)
	end := object{"type": "run-ended", "end": "completed"}
	var code failed
	if errors.As(err, &code) {
		end["end"], end["code"] = "failed", string(code)
	} else if err != nil {
		log.Print(err)
		end["end"] = "failed"
	}
	lock.Lock()
	defer lock.Unlock()
	if run.isCancelled() {
		end = object{"type": "run-ended", "end": "cancelled"}
	}
	_ = run.worker.publish(run, end, true)
}

// kept is an event that is not acknowledged.
type kept struct{ sequence, bytes int }

// worker is one execution. Whoever touches it holds the lock.
type worker struct {
	id                     string
	generation             int
	sequence, keptBytes    int
	kept                   []kept
	run                    *run
	stopping, over         bool
	taken, closedQuestions []string
}

func (worker *worker) publish(run *run, event object, isEnd bool) error {
	entry := object{"inputId": run.inputID, "event": event}
	encoded, _ := json.Marshal(entry)
	size := len(encoded)
	if size+256 > limits["maxLineBytes"] {
		return errTooLarge
	}
	for !worker.over && !worker.hasRoom(size) && (isEnd || !run.isCancelled()) {
		changed.Wait()
	}
	if !isEnd && (worker.over || run.isCancelled()) {
		return errCancelled
	}
	if !worker.over {
		worker.sequence++
		worker.keptBytes += size
		worker.kept = append(worker.kept, kept{worker.sequence, size})
		params := object{"workerId": worker.id, "generation": worker.generation, "sequence": worker.sequence}
		params["events"] = []object{entry}
		send(object{"method": "worker/events", "params": params})
	}
	if isEnd {
		worker.endRun(run, accepted)
	}
	return nil
}

func (worker *worker) hasRoom(size int) bool {
	isWithin := len(worker.kept) < limits["windowEvents"] && worker.keptBytes+size <= limits["windowBytes"]
	return isWithin || len(worker.kept) == 0
}

func (worker *worker) acknowledge(sequence int) {
	for len(worker.kept) > 0 && worker.kept[0].sequence <= sequence {
		worker.keptBytes -= worker.kept[0].bytes
		worker.kept = worker.kept[1:]
	}
	changed.Broadcast()
}

// endRun: it says nothing more. Its cancels are answered behind its end.
func (worker *worker) endRun(run *run, result object) {
	if worker.run == run {
		worker.run = nil
	}
	if run.question != "" {
		run.closeQuestion()
	}
	for _, id := range run.cancels {
		send(object{"id": id, "result": result})
	}
	run.cancels = nil
	changed.Broadcast()
}

// end ends it within the grace. What it says until then still counts.
func (worker *worker) end(graceMs float64) {
	run := worker.run
	worker.stopping = true
	if run != nil {
		late := false
		timer := time.AfterFunc(time.Duration(max(graceMs, 100))*time.Millisecond, func() {
			lock.Lock()
			defer lock.Unlock()
			late = true
			changed.Broadcast()
		})
		run.cancel()
		for worker.run == run && !late {
			changed.Wait()
		}
		timer.Stop()
	}
	worker.over = true
	if run != nil {
		worker.endRun(run, notOpen)
	}
}

var (
	lock        sync.Mutex // holds together all that follows, and what goes out
	changed     = sync.NewCond(&lock)
	output      = bufio.NewWriter(os.Stdout)
	limits      = map[string]int{"maxLineBytes": 1 << 20, "windowEvents": 1024, "windowBytes": 4 << 20}
	workers     = map[string]*worker{}
	generations = map[string]int{} // the highest one of each Worker that was heard of

	accepted     = object{"outcome": "accepted"}
	stopped      = object{"outcome": "accepted", "end": "stopped"}
	busy         = object{"outcome": "busy"}
	unsupported  = object{"outcome": "unsupported"}
	stale        = object{"outcome": "errored", "code": "stale-generation"}
	disconnected = object{"outcome": "errored", "code": "backend-disconnected"}
	notOpen      = object{"outcome": "rejected", "code": "input-not-open"}
	capabilities = object{"cancel": object{}, "stop": object{}, "questions": object{}}
	connected    = object{"outcome": "connected", "capabilities": capabilities, "codes": codes}
)

// request is what any request or notification may carry.
type request struct {
	WorkerID   string
	Generation int
	Profile    *struct{ Name string }
	InputID    string
	Parts      []struct{ Type, Text string }
	QuestionID string
	Answer     json.RawMessage
	GraceMs    float64
	Sequence   int

	ProtocolVersions []int
	Limits           map[string]json.RawMessage
}

var errParams = errors.New("invalid params")

// perform answers what a request is answered with; nil: it is answered later.
func perform(id json.RawMessage, method string, params request) (object, error) {
	if params.WorkerID == "" || params.Generation < 1 {
		return nil, errParams
	}
	worker := workers[params.WorkerID]
	if params.Generation < generations[params.WorkerID] {
		return stale, nil
	}
	if worker != nil && (worker.over || worker.generation != params.Generation) {
		worker = nil
	}
	switch method {
	case "worker/spawn":
		return spawn(worker, params)
	case "worker/recover":
		return unsupported, nil
	case "worker/stop":
		generations[params.WorkerID] = params.Generation
		go endAll([]string{params.WorkerID}, params.GraceMs, id, stopped)
		return nil, nil
	}
	if worker == nil {
		return disconnected, nil
	}
	switch method {
	case "worker/input":
		return takeInput(worker, params)
	case "worker/answer":
		return takeAnswer(worker, params)
	}
	if worker.run == nil || worker.run.inputID != params.InputID {
		return notOpen, nil
	}
	worker.run.cancels = append(worker.run.cancels, id)
	worker.run.cancel()
	return nil, nil
}

func spawn(worker *worker, params request) (object, error) {
	if params.Profile == nil {
		return nil, errParams
	}
	if worker != nil {
		return connected, nil
	}
	if generations[params.WorkerID] == params.Generation {
		return stale, nil
	}
	generations[params.WorkerID] = params.Generation
	if former := workers[params.WorkerID]; former != nil {
		former.end(0)
		delete(workers, params.WorkerID)
	}
	if code := begin(params.Profile.Name); code != "" {
		return object{"outcome": "rejected", "code": code}, nil
	}
	workers[params.WorkerID] = newWorker(params.WorkerID, params.Generation)
	return connected, nil
}

func newWorker(id string, generation int) *worker { return &worker{id: id, generation: generation} }

func takeInput(worker *worker, params request) (object, error) {
	texts := []string{}
	for _, part := range params.Parts {
		switch {
		case part.Type == "text":
			texts = append(texts, part.Text)
		case part.Type != "blob" && !strings.HasPrefix(part.Type, "_"):
			return nil, errParams
		}
	}
	if params.InputID == "" || params.Parts == nil {
		return nil, errParams
	}
	if contains(worker.taken, params.InputID) {
		return accepted, nil
	}
	if worker.run != nil || worker.stopping {
		return busy, nil
	}
	worker.taken = remember(worker.taken, params.InputID)
	worker.run = &run{worker: worker, inputID: params.InputID, cancelled: make(chan struct{})}
	go worker.run.work(strings.Join(texts, "\n")) // it publishes once this request is answered
	return accepted, nil
}

func takeAnswer(worker *worker, params request) (object, error) {
	run := worker.run
	if params.QuestionID == "" || params.Answer == nil {
		return nil, errParams
	}
	if run != nil && run.question == params.QuestionID {
		run.closeQuestion()
		run.answered <- params.Answer
		return accepted, nil
	}
	if contains(worker.closedQuestions, params.QuestionID) {
		return object{"outcome": "rejected", "code": "question-closed"}, nil
	}
	return object{"outcome": "rejected", "code": "question-unknown"}, nil
}

func endAll(workerIDs []string, graceMs float64, id json.RawMessage, result object) {
	lock.Lock()
	defer lock.Unlock()
	for _, workerID := range workerIDs {
		if worker := workers[workerID]; worker != nil {
			worker.end(graceMs)
		}
	}
	send(object{"id": id, "result": result})
}

// remember keeps the last 64.
func remember(ids []string, id string) []string {
	return append(ids[max(0, len(ids)-63):], id)
}

func contains(ids []string, id string) bool {
	for _, one := range ids {
		if one == id {
			return true
		}
	}
	return false
}

func newID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// send writes one line. The lock is held.
func send(message object) {
	message["jsonrpc"] = "2.0"
	line, _ := json.Marshal(message)
	_, _ = output.Write(append(line, '\n'))
	_ = output.Flush()
}

func sendError(id json.RawMessage, code int, text, kind string, more object) {
	data := object{"kind": kind, "correlationId": newID()}
	for key, value := range more {
		data[key] = value
	}
	send(object{"id": id, "error": object{"code": code, "message": text, "data": data}})
}

// initialize answers whether there is a common version.
func initialize(id json.RawMessage, params request) bool {
	isCommon := false
	for _, version := range params.ProtocolVersions {
		isCommon = isCommon || version == 1
	}
	if !isCommon {
		sendError(id, -32000, "Unsupported version", "unsupported-version", object{"supported": []int{1}})
		return false
	}
	for name := range limits {
		var offered int
		if json.Unmarshal(params.Limits[name], &offered) == nil && offered > 0 {
			limits[name] = min(limits[name], offered)
		}
	}
	backend := object{"name": name, "version": version}
	send(object{"id": id, "result": object{"protocolVersion": 1, "backend": backend, "limits": limits}})
	return true
}

// take performs a message. false: it could not be read.
func take(id json.RawMessage, method string, rawParams json.RawMessage) bool {
	var params request
	isRead := rawParams == nil || json.Unmarshal(rawParams, &params) == nil
	if id == nil {
		worker := workers[params.WorkerID]
		if method == "$/ack" && worker != nil && worker.generation == params.Generation {
			worker.acknowledge(params.Sequence)
		}
		return isRead || method != "$/ack"
	}
	switch method {
	case "worker/spawn", "worker/recover", "worker/input", "worker/answer", "worker/cancel", "worker/stop":
		if !isRead {
			sendError(id, -32602, "Invalid params", "invalid-params", nil)
		} else if result, err := perform(id, method, params); err != nil {
			sendError(id, -32602, "Invalid params", "invalid-params", nil)
		} else if result != nil {
			send(object{"id": id, "result": result})
		}
	case "shutdown":
		all := []string{}
		for workerID := range workers {
			all = append(all, workerID)
		}
		go endAll(all, params.GraceMs, id, object{})
	default:
		sendError(id, -32601, "Method not found", "method-not-found", nil)
	}
	return true
}

// readLine: no bytes where the line is too long; an error at the end of the input, which is the end of this program.
func readLine(input *bufio.Reader) ([]byte, error) {
	var line []byte
	for isTooLong := false; ; {
		part, err := input.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return nil, io.EOF
		}
		if len(line)+len(part) > limits["maxLineBytes"]+1 {
			isTooLong, line = true, nil
		}
		if !isTooLong {
			line = append(line, part...)
		}
		if err == nil {
			return line, nil
		}
	}
}

// read performs a line. false: it is too long, not JSON, not JSON-RPC, or comes too early.
func read(line []byte, isReady *bool) bool {
	var message struct {
		JSONRPC       string
		ID            json.RawMessage
		Method        *string
		Params        json.RawMessage
		Result, Error json.RawMessage
	}
	if !utf8.Valid(line) || json.Unmarshal(line, &message) != nil || message.JSONRPC != "2.0" {
		return false
	}
	if message.Method == nil {
		return *isReady && (message.Result != nil || message.Error != nil)
	}
	if bytes.Equal(message.ID, []byte("null")) {
		return false
	}
	if *isReady {
		return take(message.ID, *message.Method, message.Params)
	}
	var params request
	if *message.Method != "initialize" || json.Unmarshal(message.Params, &params) != nil {
		return false
	}
	*isReady = initialize(message.ID, params)
	return true
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<16)
	isReady, violations := false, 0
	for number := 1; ; number++ {
		line, err := readLine(input)
		if err != nil {
			return
		}
		lock.Lock()
		if !read(line, &isReady) {
			violations++
			sendError(nil, -32001, "Protocol violation", "protocol-violation", object{"line": number})
			if !isReady || violations == 3 {
				return
			}
		}
		lock.Unlock()
	}
}
