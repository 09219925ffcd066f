// Transcripts: what a session with stock's core looks like, as text that a person can read and
// review. A line that starts with "> " is a command; the lines below it are what came of it.
//
//   > receive A S1 5
//   A at S1: on hand 5, available 5
//   > reserve cart A:2@S1
//   r4 for cart, HELD until 900 s: 0 A 2 (S1 2)
//
// Commands (SKUs, locations and pools are registered by `receive`, `location` and `pool`):
//   wait SECONDS                          location NAME [paused]
//   keep SKU|* LOCATION|* N|-             (safety stock; - removes it)
//   channel NAME POOL [till] [buffer=N]
//   allot CHANNEL SKU [quota=N] [cap=N] [each=N] [borrows] [anew]     allotment CHANNEL SKU
//   pool NAME LOCATION...                 receive|return|sell|count SKU LOCATION N [KEY]
//   damage|lost SKU LOCATION N            set SKU LOCATION EXPECTED VALUE
//   reserve OWNER LINE... [ttl=S] [partial] [over=rN] [of=CUSTOMER]
//     LINE: SKU:N@LOCATION, SKU:N~POOL, or SKU:N^CHANNEL
//   update rN LINE... [ttl=S]             extend rN S
//   confirm rN [LINE... owner=OWNER]      bind rN LINE_ID LOCATION:N...
//   release|missing|fulfil rN [LINE_ID:N[@LOCATION]...]
//   show rN                               stock SKU          available SKU LOCATION, ~POOL or
//                                                          ^CHANNEL
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_TRANSCRIPT_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_TRANSCRIPT_H_

#include <string>
#include <string_view>

namespace quartermaster::stock {

// Runs the commands of a transcript in a new shop; the transcript as it comes out. Comments (#) and
// empty lines stay. CHECKs that the commands are well formed.
std::string RunTranscript(std::string_view transcript);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_TRANSCRIPT_H_
