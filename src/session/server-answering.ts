/**
 * The frames of a client, one after the other: handed to their hooks, which may answer later, and
 * answered in their order. What is on the way is in `answers.ts`; here is what becomes of it.
 *
 * A hook that answers at once costs no promise, no closure and no entry: as long as nothing is
 * pending, there is nothing to keep.
 */

import { ProtocolError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import { Answers, DONE, isPlainSend, type Outcome, type Undo } from "./answers.ts";
import { refusal } from "./error-frame.ts";
import { isPending, type MaybePromise } from "./hooks.ts";
import { Refusing } from "./server-refusing.ts";

/** The order of frames and answers in a server's session. */
export abstract class Answering<Token> extends Refusing<Token> {
  /** Made when a hook answers later for the first time. */
  #answers: Answers | undefined = undefined;

  ask(frame: Frame, hook: () => MaybePromise<unknown>, undo?: Undo): void {
    let answer: unknown;
    try {
      answer = hook();
    } catch (thrown) {
      this.refused(frame, thrown, undo);
      return;
    }
    this.answered(frame, answer, undo);
  }

  answered(frame: Frame, answer: unknown, undo?: Undo): void {
    if (isPending(answer)) this.awaitAnswer(frame, answer, undo);
    else this.conclude(frame, answer === undefined ? DONE : { answer }, undo);
  }

  refused(frame: Frame, thrown: unknown, undo?: Undo): void {
    if (this.hasEnded) this.tooLate(thrown);
    else this.conclude(frame, { error: refusal(thrown) }, undo);
  }

  conclude(frame: Frame, outcome: Outcome, undo?: Undo): void {
    if (this.#answers?.waiting === true) this.#answers.add({ frame, undo, outcome });
    else this.answer(frame, outcome, undo);
  }

  /** Handles a frame whose turn has come. */
  protected abstract take(frame: Frame): void;
  /** Lets the outcome of a frame take effect, whose turn has come. */
  protected abstract answer(frame: Frame, outcome: Outcome, undo: Undo | undefined): void;

  protected override get answering(): boolean {
    return this.#answers?.open === true;
  }

  protected override get blocked(): boolean {
    return this.#answers?.blocked(this.settings.maxInFlight) === true;
  }

  protected override received(frame: Frame): void {
    if (this.#answers?.waiting === true && !isPlainSend(frame)) this.#answers.hold(frame);
    else this.take(frame);
  }

  protected override malformed(error: ProtocolError): void {
    if (this.#answers?.waiting === true) this.#answers.hold(error);
    else this.failed(error);
  }

  protected override takeHeld(): boolean {
    const next = this.isPaused ? undefined : this.#answers?.release();
    if (next instanceof ProtocolError) this.failed(next);
    else if (next !== undefined) this.take(next);
    return next !== undefined;
  }

  private awaitAnswer(frame: Frame, answer: Promise<unknown>, undo: Undo | undefined): void {
    const pending = { frame, undo, outcome: undefined };
    this.#answers ??= new Answers();
    const answers = this.#answers;
    answers.add(pending);
    const answered = (outcome: Outcome) =>
      this.atWork(() => {
        answers.settle(pending, outcome);
        this.answerInOrder(answers);
      });
    // Whatever kind of promise it is, this one settles once, and not before we are back.
    Promise.resolve(answer).then(
      (value) => answered({ answer: value }),
      (thrown) => answered({ error: refusal(thrown) }),
    );
  }

  private answerInOrder(answers: Answers): void {
    for (let ready = answers.takeReady(); ready !== undefined; ready = answers.takeReady()) {
      this.answer(ready.frame, ready.outcome as Outcome, ready.undo);
    }
  }
}
