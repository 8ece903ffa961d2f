/** The schemas of the browser API by the names that the document and types made from it know them by. */
import * as z from 'zod';

import {
  answerBodySchema,
  cancelBodySchema,
  createBodySchema,
  emptyBodySchema,
  inputBodySchema,
  sessionBodySchema,
  stopBodySchema,
} from './browser-requests.js';
import { socketMessageSchema, socketRequestSchema } from './browser-socket.js';
import * as browser from './browser.js';
import { observationSchema, observedEventSchema, partSchema } from './observation.js';

const { responseSchemas, streamSchemas } = browser;

export const openApiSchema = z.looseObject({ openapi: z.string() });

export const componentSchemas: Readonly<Record<string, z.ZodType>> = {
  RuntimeView: browser.runtimeViewSchema,
  ProfileView: browser.profileViewSchema,
  WorkerView: browser.workerViewSchema,
  OpenQuestion: browser.openQuestionSchema,
  LastFailure: browser.lastFailureSchema,
  TranscriptEntry: browser.transcriptEntrySchema,
  TranscriptPart: browser.transcriptPartSchema,
  Observation: observationSchema,
  ObservedEvent: observedEventSchema,
  Part: partSchema,
  Gap: browser.gapSchema,
  Problem: browser.problemSchema,
  ProblemCode: browser.problemCodeSchema,
  CreateRequest: createBodySchema,
  InputRequest: inputBodySchema,
  AnswerRequest: answerBodySchema,
  CancelRequest: cancelBodySchema,
  ReconnectRequest: emptyBodySchema,
  StopRequest: stopBodySchema,
  SessionRequest: sessionBodySchema,
  RuntimesResponse: responseSchemas.runtimes,
  RuntimeResponse: responseSchemas.runtime,
  ProfilesResponse: responseSchemas.profiles,
  WorkersResponse: responseSchemas.workers,
  WorkerResponse: responseSchemas.worker,
  TranscriptResponse: responseSchemas.transcript,
  ObservationsResponse: responseSchemas.observations,
  CreateResponse: responseSchemas.create,
  InputResponse: responseSchemas.input,
  AnswerResponse: responseSchemas.answer,
  CancelResponse: responseSchemas.cancel,
  ReconnectResponse: responseSchemas.reconnect,
  StopResponse: responseSchemas.stop,
  SessionResponse: responseSchemas.session,
  LiveResponse: responseSchemas.live,
  ReadyResponse: responseSchemas.ready,
  OpenApiDocument: openApiSchema,
  StreamSnapshot: streamSchemas.snapshot,
  StreamEnd: streamSchemas.end,
  SocketRequest: socketRequestSchema,
  SocketMessage: socketMessageSchema,
};
