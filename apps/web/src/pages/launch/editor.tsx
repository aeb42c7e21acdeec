import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { syntaxHighlighting } from '@codemirror/language';
import { EditorState, StateEffect, StateField, type Range } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  type DecorationSet,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { useEffect, useRef, type ReactNode } from 'react';

interface EditorProps {
  readonly text: string;
  readonly change: (text: string) => void;
  /** Lines that something is wrong with, from 1. */
  readonly wrong: readonly number[];
  readonly launch: () => void;
  /** A line to go to, and how often that was asked. */
  readonly goTo: { readonly line: number; readonly asked: number } | undefined;
}

const setWrong = StateEffect.define<readonly number[]>();
const WRONG_LINE = Decoration.line({ class: 'wrong-line' });

const wrongLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, { changes, effects, state }) =>
    effects.reduce(
      (found, effect) => (effect.is(setWrong) ? decorate(state, effect.value) : found),
      marks.map(changes),
    ),
  provide: (field) => EditorView.decorations.from(field),
});

function decorate(state: EditorState, lines: readonly number[]): DecorationSet {
  const marks = [...new Set(lines)]
    .filter((line) => line >= 1 && line <= state.doc.lines)
    .sort((a, b) => a - b)
    .map((line): Range<Decoration> => WRONG_LINE.range(state.doc.line(line).from));
  return Decoration.set(marks);
}

/** The text of a pipeline. Tab leaves it, as it leaves any field. */
export function Editor({ text, change, wrong, launch, goTo }: EditorProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const calls = useRef({ change, launch });
  calls.current = { change, launch };
  const first = useRef(text);
  useEffect(() => {
    const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
    const made = new EditorView({
      ...(box.current && { parent: box.current }),
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          history(),
          highlightActiveLine(),
          yaml(),
          syntaxHighlighting(classHighlighter),
          wrongLines,
          keymap.of([
            { key: 'Mod-Enter', run: () => (calls.current.launch(), true) },
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          EditorView.cspNonce.of(nonce),
          EditorView.contentAttributes.of({ 'aria-label': 'Pipeline as YAML', tabindex: '0' }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) calls.current.change(state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const editor = view.current;
    const old = editor?.state.doc.toString();
    if (!editor || old === undefined || old === text) return;
    // Only what differs is replaced: the cursor stays where it is in the rest.
    let from = 0;
    while (from < Math.min(old.length, text.length) && old[from] === text[from]) from += 1;
    let tail = 0;
    while (
      tail < Math.min(old.length, text.length) - from &&
      old[old.length - 1 - tail] === text[text.length - 1 - tail]
    )
      tail += 1;
    editor.dispatch({
      changes: { from, to: old.length - tail, insert: text.slice(from, text.length - tail) },
    });
  }, [text]);
  const marks = wrong.join(' ');
  useEffect(() => {
    view.current?.dispatch({ effects: setWrong.of(marks === '' ? [] : marks.split(' ').map(Number)) });
  }, [marks]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !goTo) return;
    const { from } = editor.state.doc.line(Math.min(goTo.line, editor.state.doc.lines));
    editor.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    });
    editor.focus();
  }, [goTo]);
  return <div ref={box} className="editor" />;
}
