#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/process/command_line.h"

namespace seatsaga::cli {

enum class Output { kTable, kJson, kJsonLines };

enum class Service { kOrchestrator, kReservations, kSeats, kPayments };
inline constexpr size_t kServiceCount = 4;

// Where a service is, and how the user says so.
struct ServiceAddress {
  std::string_view name;         // "orchestrator"
  std::string_view flag;         // "--orchestrator"
  std::string_view environment;  // "SEATSAGA_ORCHESTRATOR"
  std::string address;           // host:port or unix:/path
};

// What every command accepts, before or after its name.
struct GlobalOptions {
  std::array<ServiceAddress, kServiceCount> services{
      ServiceAddress{"orchestrator", "--orchestrator", "SEATSAGA_ORCHESTRATOR", "127.0.0.1:50054"},
      ServiceAddress{"reservation_svc", "--reservations", "SEATSAGA_RESERVATION_SVC",
                     "127.0.0.1:50051"},
      ServiceAddress{"seat_svc", "--seats", "SEATSAGA_SEAT_SVC", "127.0.0.1:50052"},
      ServiceAddress{"payment_svc", "--payments", "SEATSAGA_PAYMENT_SVC", "127.0.0.1:50053"}};
  absl::Duration deadline = absl::Seconds(10);
  Output output = Output::kTable;
  bool no_colour = false;

  const ServiceAddress& Of(Service service) const { return services[static_cast<size_t>(service)]; }
};

// Adds the global flags to `line`; they may follow a command too. `options` must outlive the
// parsing.
void AddGlobalOptions(CommandLine& line, GlobalOptions& options);

// Adds a command with its examples and a word on the global flags below its help.
CommandLine& AddCommand(CommandLine& line, const std::string& name, const std::string& description,
                        std::string_view footer);

// Adds "--name DURATION", such as 5m, with the value in `target`.
Flag AddDurationOption(CommandLine& line, const std::string& name, absl::Duration& target,
                       const std::string& description);

// Adds a required positional ID that must be a UUID; a wrong one is a usage error.
Flag AddIdArgument(CommandLine& line, std::string& target);

// The check behind AddIdArgument: empty, or what is wrong.
std::string CheckId(const std::string& text);

}  // namespace seatsaga::cli
