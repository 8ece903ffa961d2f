import { Subject } from 'rxjs';

/** A `Subject` with one subscriber. */
export function subjects(listener) {
  const subject = new Subject();
  subject.subscribe(listener);
  return (observation) => subject.next(observation);
}
