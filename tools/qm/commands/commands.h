// The groups of commands. Each function adds its own to the tree.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_COMMANDS_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_COMMANDS_H_

namespace quartermaster::qm {

class Cli;

// All of them, in the order of `qm --help`.
void AddAllCommands(Cli& cli);

// status
void AddStatusCommand(Cli& cli);
// import items|locations|stock|orders
void AddImportCommands(Cli& cli);
// export items|locations|stock
void AddExportCommands(Cli& cli);
// item get|list|put, location get|list|put|pause|resume
void AddCatalogCommands(Cli& cli);
// stock get|adjust|ledger|move-condition|count|reconcile|why|watch
void AddStockCommands(Cli& cli);
// pool set
void AddPoolCommands(Cli& cli);
// channel set|get|allot|allotment
void AddChannelCommands(Cli& cli);
// kit define|get
void AddKitCommands(Cli& cli);
// policy set, policy fulfilment set|show
void AddPolicyCommands(Cli& cli);
// transfer request|ship|receive|close|get|list
void AddTransferCommands(Cli& cli);
// supply expect|receive|cancel|get
void AddSupplyCommands(Cli& cli);
// reserve, confirm, release
void AddHoldCommands(Cli& cli);
// reservation get|list|update|extend|bind|fulfil|batch
void AddReservationCommands(Cli& cli);
// order place|get|list|cancel|reroute|hold|release-hold|history|watch
void AddOrderCommands(Cli& cli);
// task list|accept|reject|put-back|pick|pack|ship|ready|hand-over|watch
void AddTaskCommands(Cli& cli);
// parcel report
void AddParcelCommands(Cli& cli);
// payment report|intents
void AddPaymentCommands(Cli& cli);
// return request|receive|get
void AddReturnCommands(Cli& cli);
// subject get|erase
void AddSubjectCommands(Cli& cli);
// sale record
void AddSaleCommands(Cli& cli);
// exceptions list|resolve
void AddExceptionCommands(Cli& cli);
// route explain|plan|nearest|return
void AddRouteCommands(Cli& cli);
// events tail
void AddEventCommands(Cli& cli);
// backup, restore
void AddBackupCommands(Cli& cli);
// vault backup|restore
void AddVaultCommands(Cli& cli);
// verify
void AddVerifyCommand(Cli& cli);
// call
void AddCallCommand(Cli& cli);
// context add|use|list|remove
void AddContextCommands(Cli& cli);
// completion
void AddCompletionCommand(Cli& cli);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_COMMANDS_H_
