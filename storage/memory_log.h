// An event log in memory: for tests and simulation.
#ifndef QUARTERMASTER_STORAGE_MEMORY_LOG_H_
#define QUARTERMASTER_STORAGE_MEMORY_LOG_H_

#include <memory>

#include "storage/event_log.h"

namespace quartermaster::storage {

std::unique_ptr<EventLog> NewMemoryLog();

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_MEMORY_LOG_H_
