// Text for RocksDB.
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_SLICE_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_SLICE_H_

#include <string_view>

#include "rocksdb/slice.h"

namespace quartermaster::storage {

inline rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_SLICE_H_
