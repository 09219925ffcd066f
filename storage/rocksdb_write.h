// rocksdb::DB::Write for builds with ThreadSanitizer.
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_WRITE_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_WRITE_H_

#include "absl/base/dynamic_annotations.h"
#include "rocksdb/db.h"

namespace quartermaster::storage {

// Debian's RocksDB is not built for ThreadSanitizer, which cannot see its atomics and would take
// the batches that one thread writes for another, and the memtable, for races. Mutexes are seen.
inline rocksdb::Status WriteUnseenByTsan(rocksdb::DB* db, const rocksdb::WriteOptions& options,
                                         rocksdb::WriteBatch* batch) {
  ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_BEGIN();
  rocksdb::Status status = db->Write(options, batch);
  ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_END();
  return status;
}

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_WRITE_H_
