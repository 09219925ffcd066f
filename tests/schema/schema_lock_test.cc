// The schema lock: what has been stored once is read for ever. proto/schema.lock has a line for
// every field and every enum value of the stored messages; a line that no longer fits the schema
// is a breaking change and fails. Lines of new fields are added by
//
//   QM_UPDATE_SCHEMA_LOCK=1 build/release/tests/schema_lock_test
//
// which never removes or changes one.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "quartermaster/routing/v1/routing.pb.h"
#include "quartermaster/stock/events/v1/events.pb.h"

namespace quartermaster {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using Lines = std::set<std::string>;

constexpr char kLockFile[] = "proto/schema.lock";

void AddEnum(const EnumDescriptor& type, Lines& lines) {
  for (int i = 0; i < type.value_count(); ++i) {
    lines.insert(absl::StrCat(std::string(type.full_name()), " = ", type.value(i)->number(), " ",
                              std::string(type.value(i)->name())));
  }
}

// The name of a field is not stored, but tools show it and JSON has it: it is locked too.
std::string LineOf(const FieldDescriptor& field) {
  std::string type(field.type_name());
  if (field.message_type() != nullptr) type = field.message_type()->full_name();
  if (field.enum_type() != nullptr) type = field.enum_type()->full_name();
  return absl::StrCat(std::string(field.containing_type()->full_name()), " ", field.number(), " ",
                      field.is_repeated() ? "repeated " : "", type, " ", std::string(field.name()));
}

void AddMessage(const Descriptor& type, Lines& lines) {
  for (int i = 0; i < type.field_count(); ++i) lines.insert(LineOf(*type.field(i)));
  for (int i = 0; i < type.nested_type_count(); ++i) AddMessage(*type.nested_type(i), lines);
  for (int i = 0; i < type.enum_type_count(); ++i) AddEnum(*type.enum_type(i), lines);
}

Lines LinesOf(const FileDescriptor& file) {
  Lines lines;
  for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i), lines);
  for (int i = 0; i < file.enum_type_count(); ++i) AddEnum(*file.enum_type(i), lines);
  return lines;
}

// Every file of stored messages.
std::vector<const FileDescriptor*> StoredFiles() {
  return {catalog::events::v1::ItemPut::descriptor()->file(),
          orders::events::v1::OrderPlaced::descriptor()->file(),
          stock::events::v1::StockReserved::descriptor()->file()};
}

// Messages that are stored inside those, as bytes, but belong to an API.
std::vector<const Descriptor*> StoredMessages() {
  // OrderRouted.plan
  return {routing::v1::Plan::descriptor()};
}

// The message and every message and enum that it holds, in whichever file they are.
void AddReachable(const Descriptor& type, std::set<const Descriptor*>& seen, Lines& lines) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    lines.insert(LineOf(field));
    if (field.enum_type() != nullptr) AddEnum(*field.enum_type(), lines);
    if (field.message_type() != nullptr) AddReachable(*field.message_type(), seen, lines);
  }
}

Lines CurrentLines() {
  Lines lines;
  for (const FileDescriptor* file : StoredFiles()) lines.merge(LinesOf(*file));
  std::set<const Descriptor*> seen;
  for (const Descriptor* type : StoredMessages()) AddReachable(*type, seen, lines);
  return lines;
}

Lines LockedLines() {
  Lines lines;
  std::ifstream file(kLockFile);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') lines.insert(line);
  }
  return lines;
}

// Locked lines that the schema no longer has.
std::vector<std::string> Broken(const Lines& locked, const Lines& current) {
  std::vector<std::string> broken;
  for (const std::string& line : locked) {
    if (current.count(line) == 0) broken.push_back(line);
  }
  return broken;
}

TEST(SchemaLockTest, NothingStoredHasChangedAndEverythingIsLocked) {
  const Lines current = CurrentLines();
  Lines locked = LockedLines();
  if (std::getenv("QM_UPDATE_SCHEMA_LOCK") != nullptr) {
    locked.insert(current.begin(), current.end());
    std::ofstream file(kLockFile);
    file << "# What is stored, a line for each field and enum value. Only ever added to: see\n"
            "# tests/schema/schema_lock_test.cc.\n";
    for (const std::string& line : locked) file << line << "\n";
  }
  ASSERT_FALSE(locked.empty()) << kLockFile << " is missing";
  for (const std::string& line : Broken(locked, current)) {
    ADD_FAILURE() << "breaks what is stored: " << line;
  }
  for (const std::string& line : Broken(current, locked)) {
    ADD_FAILURE() << "not locked yet (QM_UPDATE_SCHEMA_LOCK=1): " << line;
  }
}

TEST(SchemaLockTest, CoversThePlanInsideAnOrdersEvent) {
  const Lines locked = LockedLines();
  EXPECT_TRUE(locked.contains(
      "quartermaster.routing.v1.Plan 1 repeated quartermaster.routing.v1.Plan.Assignment "
      "assignments"));
  EXPECT_TRUE(locked.contains("quartermaster.routing.v1.Explanation.Fate = 1 CHOSEN"));
  EXPECT_TRUE(locked.contains("quartermaster.common.v1.InsufficientStock.ShortLine 5 int64 asked"));
}

// The guard itself: each kind of breaking change to a stored message is found.
TEST(SchemaLockTest, FindsEveryKindOfBreakingChange) {
  const FileDescriptor* const original = StoredFiles().back();
  const Lines locked = LinesOf(*original);
  const auto broken_by = [&](auto change) {
    google::protobuf::FileDescriptorProto proto;
    original->CopyTo(&proto);
    change(*proto.mutable_message_type(0));
    google::protobuf::DescriptorPool pool;
    const FileDescriptor* const changed = pool.BuildFile(proto);
    EXPECT_NE(changed, nullptr);
    return Broken(locked, LinesOf(*changed)).size();
  };
  using Message = google::protobuf::DescriptorProto;
  EXPECT_EQ(broken_by([](Message&) {}), 0u);
  EXPECT_EQ(broken_by([](Message& m) { m.mutable_field(0)->set_number(77); }), 1u);
  EXPECT_EQ(broken_by([](Message& m) { m.mutable_field(0)->set_name("renamed"); }), 1u);
  EXPECT_EQ(broken_by([](Message& m) {
              m.mutable_field(0)->clear_type_name();
              m.mutable_field(0)->set_type(google::protobuf::FieldDescriptorProto::TYPE_BYTES);
            }),
            1u);
  EXPECT_EQ(broken_by([](Message& m) {
              m.mutable_field(0)->set_label(google::protobuf::FieldDescriptorProto::LABEL_REPEATED);
            }),
            1u);
  EXPECT_GE(broken_by([](Message& m) { m.clear_field(); }), 1u);
}

}  // namespace
}  // namespace quartermaster
