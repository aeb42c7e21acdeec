/** TensorFlow's messages for a graph that a session can load: the few that are used, with their field numbers. */
import protobuf from 'protobufjs';
import type { Attribute } from './graph.js';

const { root } = protobuf.parse(`syntax = "proto3";
message Dim { int64 size = 1; }
message Shape { repeated Dim dim = 2; }
message TensorProto { int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4; }
message AttrList {
  repeated bytes s = 2; repeated int64 i = 3 [packed = true]; repeated float f = 4 [packed = true];
  repeated bool b = 5 [packed = true]; repeated int32 type = 6 [packed = true];
}
message AttrValue {
  oneof value {
    bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; Shape shape = 7; TensorProto tensor = 8;
    AttrList list = 1;
  }
}
message NodeDef {
  string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5;
}
message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message MetaInfo { repeated string tags = 4; }
message MetaGraph { MetaInfo meta_info_def = 1; GraphDef graph_def = 2; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraph meta_graphs = 2; }
`);

const savedModel = root.lookupType('SavedModel');

/** Producer version of graphs that TensorFlow 2.21 writes; older behaviours of operations are switched off by it. */
const PRODUCER = 1882;

export const TAG = 'serve';

/** A node by its name; inputs are `name`, `name:output` or `^name`. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, Attribute>>;
}

const shapeProto = (shape: readonly number[]): object => ({ dim: shape.map((size) => ({ size })) });

function attributeProto(attribute: Attribute): object {
  if ('s' in attribute) return { s: Buffer.from(attribute.s) };
  if ('shape' in attribute) return { shape: shapeProto(attribute.shape) };
  if ('ints' in attribute) return { list: { i: attribute.ints } };
  if ('types' in attribute) return { list: { type: attribute.types } };
  if ('strings' in attribute) return { list: { s: attribute.strings.map((text) => Buffer.from(text)) } };
  if ('tensor' in attribute) {
    const { dtype, shape, content } = attribute.tensor;
    return { tensor: { dtype, tensorShape: shapeProto(shape), tensorContent: content } };
  }
  return attribute;
}

/** The bytes of `saved_model.pb`. */
export function encodeSavedModel(nodes: readonly NodeDef[]): Uint8Array {
  const node = nodes.map(({ name, op, input = [], attr = {} }) => ({
    name,
    op,
    input,
    attr: Object.fromEntries(Object.entries(attr).map(([key, value]) => [key, attributeProto(value)])),
  }));
  const message = savedModel.fromObject({
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags: [TAG] },
        graphDef: { node, versions: { producer: PRODUCER, minConsumer: 0 } },
      },
    ],
  });
  return savedModel.encode(message).finish();
}
