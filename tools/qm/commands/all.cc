#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"

namespace quartermaster::qm {

void AddAllCommands(Cli& cli) {
  AddStatusCommand(cli);
  AddImportCommands(cli);
  AddExportCommands(cli);
  AddCatalogCommands(cli);
  AddStockCommands(cli);
  AddPoolCommands(cli);
  AddChannelCommands(cli);
  AddKitCommands(cli);
  AddPolicyCommands(cli);
  AddTransferCommands(cli);
  AddSupplyCommands(cli);
  AddHoldCommands(cli);
  AddReservationCommands(cli);
  AddOrderCommands(cli);
  AddTaskCommands(cli);
  AddParcelCommands(cli);
  AddPaymentCommands(cli);
  AddReturnCommands(cli);
  AddSubjectCommands(cli);
  AddSaleCommands(cli);
  AddExceptionCommands(cli);
  AddRouteCommands(cli);
  AddEventCommands(cli);
  AddVerifyCommand(cli);
  AddBackupCommands(cli);
  AddVaultCommands(cli);
  AddCallCommand(cli);
  AddContextCommands(cli);
  AddCompletionCommand(cli);
}

}  // namespace quartermaster::qm
