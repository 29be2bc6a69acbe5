import { z } from 'zod';
import { defineRoutes, nothing } from '@revenge/sdk';
import {
  CreateLibrary,
  FileProblemList,
  GrantName,
  LibraryGrant,
  LibraryGrantList,
  LibraryList,
  LibraryView,
  Parsed,
  plainText,
  Scan,
  ScanDetail,
  ScanList,
  ScanType,
  UpdateLibrary,
} from './library-schemas.ts';

const count = z.coerce.number<number | string>().int();
const page = z.object({ limit: count.min(1).max(100).default(20), offset: count.min(0).max(2_147_483_647).default(0) });
const one = z.object({ libraryId: z.uuid() });
const scan = z.object({ libraryId: z.uuid(), scanId: z.uuid() });
const view = { grant: 'library:view', of: 'libraryId' } as const;
const manage = { permission: 'manage' } as const;
const tag = 'Libraries';

export const libraryRoutes = defineRoutes({
  'GET /libraries': { access: 'user', tag, summary: 'Libraries you may see', responses: { 200: LibraryList } },
  'POST /libraries': {
    access: manage,
    tag,
    summary: 'Add a library',
    body: CreateLibrary,
    responses: { 201: LibraryView },
  },
  'GET /libraries/parse': {
    access: manage,
    tag,
    summary: 'How a path is understood; it need not exist',
    query: z.object({ path: plainText(4096).min(1), type: z.enum(['movie', 'tvshow']).optional() }),
    responses: { 200: Parsed },
  },
  'GET /libraries/:libraryId': {
    access: view,
    tag,
    summary: 'One library, with its newest scan',
    params: one,
    responses: { 200: LibraryView },
  },
  'PUT /libraries/:libraryId': {
    access: manage,
    tag,
    summary: 'Change what is given',
    params: one,
    body: UpdateLibrary,
    responses: { 200: LibraryView },
  },
  'DELETE /libraries/:libraryId': {
    access: manage,
    tag,
    summary: 'Forgets the library; files on disk are never touched',
    params: one,
    responses: { 204: nothing },
  },
  'POST /libraries/:libraryId/scan': {
    access: manage,
    tag,
    summary: 'Scan it; 409 while a scan runs or waits',
    params: one,
    body: z.object({ scan_type: ScanType }),
    responses: { 202: Scan },
  },
  'GET /libraries/:libraryId/scans': {
    access: view,
    tag,
    summary: 'Its scans, newest first',
    params: one,
    query: page,
    responses: { 200: ScanList },
  },
  'GET /libraries/:libraryId/scans/:scanId': {
    access: view,
    tag,
    summary: 'One scan, with its progress and first problems',
    params: scan,
    responses: { 200: ScanDetail },
  },
  'POST /libraries/:libraryId/scans/:scanId/cancel': {
    access: manage,
    tag,
    summary: 'End a scan; what it found stays',
    params: scan,
    responses: { 200: Scan },
  },
  'POST /libraries/:libraryId/unfreeze': {
    access: manage,
    tag,
    summary: 'Confirms that the missing files are gone: the scan this starts removes them',
    params: one,
    responses: { 202: Scan },
  },
  'GET /libraries/:libraryId/problems': {
    access: manage,
    tag,
    summary: 'Files that could not be read or understood',
    params: one,
    query: page,
    responses: { 200: FileProblemList },
  },
  'GET /libraries/:libraryId/permissions': {
    access: manage,
    tag,
    summary: 'Who may use it',
    params: one,
    responses: { 200: LibraryGrantList },
  },
  'POST /libraries/:libraryId/permissions': {
    access: manage,
    tag,
    summary: 'Let somebody use it',
    params: one,
    body: z.object({ user_id: z.uuid(), permission: GrantName }),
    responses: { 201: LibraryGrant },
  },
  'DELETE /libraries/:libraryId/permissions/:userId': {
    access: manage,
    tag,
    summary: 'Take that back',
    params: z.object({ libraryId: z.uuid(), userId: z.uuid() }),
    query: z.object({ permission: GrantName }),
    responses: { 204: nothing },
  },
});
