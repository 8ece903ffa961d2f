import type { ObservationPublisher } from '../../../src/ports/observation-publisher.js';

/** The same publisher, but for some of its methods. */
export function republished(
  publisher: ObservationPublisher,
  methods: Partial<Pick<ObservationPublisher, 'publish' | 'disconnect' | 'onRecorded' | 'decide'>>,
): ObservationPublisher {
  return {
    workerId: publisher.workerId,
    generation: publisher.generation,
    publish: (event) => publisher.publish(event),
    disconnect: (exit) => publisher.disconnect(exit),
    onRecorded: (listener) => publisher.onRecorded(listener),
    decide: (inputId, taken) => publisher.decide(inputId, taken),
    ...methods,
  };
}
