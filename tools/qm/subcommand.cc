#include "tools/qm/subcommand.h"

#include "CLI/App.hpp"

namespace quartermaster::qm {

Argument Argument::Required() const { return Argument(option_->required()); }
Argument Argument::ShowDefault() const { return Argument(option_->capture_default_str()); }
Argument Argument::InRange(int64_t min, int64_t max) const {
  return Argument(option_->check(CLI::Range(min, max)));
}
Argument Argument::OneOf(const std::vector<std::string>& values) const {
  return Argument(option_->check(CLI::IsMember(values)));
}
Argument Argument::Excludes(Argument other) const {
  return Argument(option_->excludes(other.option_));
}
Argument Argument::InGroup(const std::string& heading) const {
  return Argument(option_->group(heading));
}

Argument Subcommand::Option(const std::string& name, std::string& value,
                            const std::string& description) const {
  return Argument(app_->add_option(name, value, description));
}
Argument Subcommand::Option(const std::string& name, int& value,
                            const std::string& description) const {
  return Argument(app_->add_option(name, value, description));
}
Argument Subcommand::Option(const std::string& name, int64_t& value,
                            const std::string& description) const {
  return Argument(app_->add_option(name, value, description));
}
Argument Subcommand::Option(const std::string& name, double& value,
                            const std::string& description) const {
  return Argument(app_->add_option(name, value, description));
}
Argument Subcommand::Option(const std::string& name, std::optional<int>& value,
                            const std::string& description) const {
  return Argument(app_->add_option(name, value, description));
}
Argument Subcommand::Option(const std::string& name, std::optional<int64_t>& value,
                            const std::string& description) const {
  return Argument(app_->add_option(name, value, description));
}
Argument Subcommand::Option(const std::string& name, std::vector<std::string>& value,
                            const std::string& description) const {
  return Argument(app_->add_option(name, value, description));
}

Argument Subcommand::Choice(const std::string& name, int& value, const NameFinder& find,
                            const std::string& choices, const std::string& description) const {
  const auto known = [find](const std::string& text) {
    return find(text) ? "" : "no such value: " + text;
  };
  return Argument(
      app_->add_option_function<std::string>(
              name, [find, &value](const std::string& text) { value = *find(text); }, description)
          ->type_name("NAME")
          // Described like CLI::IsMember, whose set help and completion show.
          ->check(CLI::Validator(known, "{" + choices + "}")));
}

Argument Subcommand::Flag(const std::string& name, bool& value,
                          const std::string& description) const {
  return Argument(app_->add_flag(name, value, description));
}

}  // namespace quartermaster::qm
