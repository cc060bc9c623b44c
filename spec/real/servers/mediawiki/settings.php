<?php
// The installer's settings, and what the specs need beside them: a wiki that only its members read, without background jobs.
require getenv( 'WIKI_DATA' ) . '/LocalSettings.php';
$wgServer = 'http://127.0.0.1:' . getenv( 'WIKI_PORT' );
$wgGroupPermissions['*']['read'] = false;
$wgGroupPermissions['*']['edit'] = false;
$wgJobRunRate = 0;
$wgCompressRevisions = false;
