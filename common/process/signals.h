#pragma once

namespace seatsaga {

// Blocks SIGTERM and SIGINT in this thread and all that it starts later, and ignores SIGPIPE. Call
// first in main, before any thread.
void BlockStopSignals();

// Waits for SIGTERM or SIGINT and returns which; or returns 0 soon after RequestStop.
int WaitForStop();

// Makes WaitForStop return, from any thread: a service that must not go on (an orchestrator that
// was fenced off) stops its process this way.
void RequestStop();

}  // namespace seatsaga
