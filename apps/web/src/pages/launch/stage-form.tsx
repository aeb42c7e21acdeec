import { useId, useMemo, useState, type ReactNode } from 'react';
import { isMap, isScalar } from 'yaml';
import {
  formFields,
  rangeText,
  readField,
  stageSchema,
  type FormField,
  type JsonSchema,
} from '../../lib/form-fields.js';
import { editSpec, type Issue, type SpecDocument } from '../../lib/spec-document.js';
import { plural } from '../../lib/format.js';

interface FormProps {
  readonly spec: SpecDocument;
  readonly schema: JsonSchema | undefined;
  readonly issues: readonly Issue[];
  readonly change: (text: string) => void;
}

/** Controls for the parameters of one stage. They edit the text; what has no control stays there. */
export function StageForm({ spec, schema, issues, change }: FormProps): ReactNode {
  const id = useId();
  const names = stageNames(spec);
  const [asked, setAsked] = useState<string>();
  const [all, setAll] = useState(false);
  const stage = asked !== undefined && names.includes(asked) ? asked : names[0];
  const kind = stage === undefined ? undefined : spec.document.getIn(['stages', stage, 'kind']);
  const params = useMemo(
    () => (schema && typeof kind === 'string' ? stageSchema(schema, kind)?.properties?.params : undefined),
    [schema, kind],
  );
  if (spec.broken)
    return (
      <p className="note">
        The text stops being YAML at line {spec.broken.line}: the form waits until it can be read again.
      </p>
    );
  if (stage === undefined) return <p className="muted">There is no stage yet: write one below `stages:`.</p>;
  const fields = params ? formFields(params, ['stages', stage, 'params']) : [];
  const isSet = ({ path }: FormField): boolean => spec.document.hasIn(path);
  const shown = all ? fields : fields.filter((field) => isSet(field) || field.path.length === 4).slice(0, 24);
  return (
    <div className="stack">
      <div>
        <label className="small muted" htmlFor={`${id}-stage`}>
          Stage
        </label>
        <select
          id={`${id}-stage`}
          className="input"
          value={stage}
          onChange={({ target }) => setAsked(target.value)}
        >
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <p className="small muted">
        {typeof kind === 'string' ? kind : 'Its kind is missing'}
        {fields.length === 0 && ': it has no simple parameters. Change it in the text.'}
      </p>
      {shown.map((field) => (
        <Field
          key={field.path.join('.')}
          field={field}
          value={valueAt(spec, field)}
          issue={issues.find((one) => one.field === field.path.join('.'))}
          set={(value) => change(editSpec(spec, field.path, value))}
        />
      ))}
      {fields.length > shown.length && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          Show {plural(fields.length - shown.length, 'more parameter')}
        </button>
      )}
    </div>
  );
}

function stageNames({ document }: SpecDocument): readonly string[] {
  const stages = document.get('stages', true);
  if (!isMap(stages)) return [];
  return stages.items.flatMap(({ key }) =>
    isScalar(key) && typeof key.value === 'string' ? [key.value] : [],
  );
}

function valueAt({ document }: SpecDocument, { path }: FormField): string {
  const value: unknown = document.getIn(path);
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

interface FieldProps {
  readonly field: FormField;
  readonly value: string;
  readonly issue: Issue | undefined;
  readonly set: (value: unknown) => void;
}

function Field({ field, value, issue, set }: FieldProps): ReactNode {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const { control, label, choices, fallback } = field;
  const read = draft === undefined ? {} : readField(field, draft);
  const problem = read.problem ?? issue?.message;
  const write = (text: string): void => {
    setDraft(text);
    const next = readField(field, text);
    if (next.problem === undefined) set(next.value);
  };
  const common = {
    id,
    className: 'input',
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${id}-hint`,
    value: draft ?? value,
    // What was refused stays until it is mended; otherwise the text says what the value is.
    onBlur: () => read.problem === undefined && setDraft(undefined),
  };
  const options = control === 'switch' ? ['true', 'false'] : choices;
  return (
    <div>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {options ? (
        <select {...common} onChange={({ target }) => write(target.value)}>
          <option value="">{fallback === undefined ? 'not set' : `${fallback} (default)`}</option>
          {options.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          inputMode={control === 'text' ? undefined : 'decimal'}
          placeholder={fallback}
          autoComplete="off"
          onChange={({ target }) => write(target.value)}
        />
      )}
      <p id={`${id}-hint`} className={`small ${problem === undefined ? 'faint' : 'problem'}`}>
        {problem ?? rangeText(field)}
      </p>
    </div>
  );
}
