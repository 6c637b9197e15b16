// Speaks to a headless Chromium through a pair of pipes: commands and events of its DevTools protocol, one JSON text each, ended by a zero byte.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE = 30_000;

export class Browser {
  #process;
  #profile = mkdtempSync(join(tmpdir(), "diagnose-html-"));
  #waiting = new Map();
  #listeners = new Set();
  #number = 0;
  #rest = "";

  constructor(program) {
    const flags = [
      "--headless=new",
      "--no-sandbox",
      "--remote-debugging-pipe",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-extensions",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
      "--hide-scrollbars",
      `--user-data-dir=${this.#profile}`,
      "about:blank",
    ];
    this.#process = spawn(program, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.#process.on("exit", () => this.#refuse(new Error("the browser has ended")));
    this.#process.on("error", (error) => this.#refuse(error));
    this.#process.stdio[4].setEncoding("utf8").on("data", (text) => this.#read(text));
  }

  #read(text) {
    const messages = (this.#rest + text).split("\0");
    this.#rest = messages.pop();
    for (const message of messages.map((it) => JSON.parse(it))) {
      const waiting = this.#waiting.get(message.id);
      if (waiting) {
        this.#waiting.delete(message.id);
        if (message.error) waiting.reject(new Error(`${waiting.method}: ${message.error.message}`));
        else waiting.resolve(message.result);
      } else {
        for (const listener of this.#listeners) listener(message);
      }
    }
  }

  #refuse(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#number;
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer in ${PATIENCE / 1000} s`)), PATIENCE);
      const ended = (end) => (value) => {
        clearTimeout(timer);
        end(value);
      };
      this.#waiting.set(id, { method, resolve: ended(resolve), reject: ended(reject) });
    });
    this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  listen(listener) {
    this.#listeners.add(listener);
  }

  // A new tab that keeps what it said and what it asked the network for.
  async page() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    await page.prepare();
    return page;
  }

  async close() {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    await this.send("Browser.close").catch(() => this.#process.kill());
    await gone;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Page {
  // What the console, the policy and the script complained of.
  said = [];
  requests = [];
  #loaded = () => {};

  constructor(browser, target, session) {
    this.browser = browser;
    this.target = target;
    this.session = session;
    browser.listen((event) => {
      if (event.sessionId === session) this.#hear(event.method, event.params);
    });
  }

  #hear(method, params) {
    if (method === "Runtime.consoleAPICalled") this.said.push(params.args.map((it) => it.value).join(" "));
    if (method === "Runtime.exceptionThrown") this.said.push(params.exceptionDetails.text);
    if (method === "Log.entryAdded") this.said.push(params.entry.text);
    if (method === "Audits.issueAdded") this.said.push(`${params.issue.code} ${JSON.stringify(params.issue.details)}`);
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Page.loadEventFired") this.#loaded();
  }

  send(method, params = {}) {
    return this.browser.send(method, params, this.session);
  }

  async prepare() {
    for (const domain of ["Page", "Runtime", "Log", "Network", "Audits", "DOM"]) await this.send(`${domain}.enable`);
    await this.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  }

  async look(width, scheme, media = "screen") {
    const phone = width < 600;
    await this.send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: phone });
    await this.send("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  async open(url) {
    const loaded = new Promise((resolve) => (this.#loaded = resolve));
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  // Runs a function in the page and gives what it returns.
  async run(task, ...args) {
    const expression = typeof task === "string" ? task : `(${task})(...${JSON.stringify(args)})`;
    const answer = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) {
      throw new Error(answer.exceptionDetails.exception?.description ?? answer.exceptionDetails.text);
    }
    return answer.result.value;
  }

  // A real click in the middle of an element, as a hand does it.
  async click(selector, index) {
    const [x, y] = await this.run(
      (selector, index) => {
        const element = document.querySelectorAll(selector)[index];
        if (!element) return [0, 0];
        element.scrollIntoView({ block: "center" });
        const box = element.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
      },
      selector,
      index,
    );
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    }
  }

  async close() {
    await this.browser.send("Target.closeTarget", { targetId: this.target });
  }
}
