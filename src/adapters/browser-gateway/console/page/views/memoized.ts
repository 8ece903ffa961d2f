import type { Component, FunctionComponent } from 'preact';
import { h } from 'preact';

function isShallowlySame(one: object, other: object): boolean {
  const keys = Object.keys(one);
  const others = new Map<string, unknown>(Object.entries(other));
  return keys.length === others.size && Object.entries(one).every(([key, value]) => Object.is(others.get(key), value));
}

/** A view that is drawn anew only where what it shows is another. */
export function memoized<Props extends object>(
  View: FunctionComponent<Props>,
  isSame: (before: Props, now: Props) => boolean = isShallowlySame,
): FunctionComponent<Props> {
  return function Memoized(this: Component<Props>, props: Props) {
    this.shouldComponentUpdate = (next) => !isSame(this.props, next);
    return h(View, props);
  };
}
