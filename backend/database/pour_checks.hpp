// What must hold of each column of `pours`, the only table whose rows change: no hash of its own
// guards it, so what it says is held against what the chained tables say of the same pour.
#pragma once

#include <array>
#include <string_view>

namespace pourtocol::database {

/// One column, and an SQL expression that is true of every row in which it is as it must be. In it
/// `p` is the row, `asked` its first step and `ended` its last one (rows of `transitions`), and
/// `row` what the first step wrote into `events`.
struct PourCheck {
  std::string_view column;
  int since;  ///< the schema that brought the column
  std::string_view rule;
};

/// Every column there is: a test holds the table to it.
inline constexpr std::array<PourCheck, 29> pour_checks{{
    // What was asked, as the first step and its row have it.
    {"number", 1, "p.number IS 1 + ifnull(lag(p.number) OVER (ORDER BY asked.seq), 0)"},
    {"request_id", 1, "p.request_id IS row.request_id"},
    {"tap", 1, "p.tap IS row.tap"},
    {"user_token", 1, "p.user_token IS row.user_token"},
    {"amount_ml", 1, "p.amount_ml IS row.amount_ml"},
    {"purpose", 3, "p.purpose IS row.purpose"},
    // What was refused may have been impossible.
    {"run_ms", 3,
     "typeof(p.run_ms) = 'integer' AND (p.state = 'refused' OR CASE WHEN p.purpose IS NULL OR "
     "p.amount_ml <> 0 THEN p.run_ms = 0 ELSE p.run_ms >= 0 END)"},
    {"portions", 3,
     "typeof(p.portions) = 'integer' AND (p.state = 'refused' OR CASE WHEN p.purpose IS NULL OR "
     "p.run_ms <> 0 THEN p.portions = 1 ELSE p.portions >= 1 END)"},
    {"started_ms", 1, "p.started_ms IS asked.at_ms"},
    // Where it stands, as the last step has it.
    {"state", 1, "p.state IS ended.to_state"},
    {"cause", 1, "p.cause IS ended.cause"},
    {"detail", 1, "p.detail IS ended.detail"},
    {"delivered_ul", 1, "p.delivered_ul IS ended.delivered_ul"},
    {"uncertainty_ul", 1, "p.uncertainty_ul IS ended.uncertainty_ul"},
    {"min_ul", 1, "p.min_ul IS ended.min_ul"},
    {"max_ul", 1, "p.max_ul IS ended.max_ul"},
    {"basis", 1, "p.basis IS ended.basis"},
    {"stop_reason", 1, "p.stop_reason IS ended.stop_reason"},
    {"updated_ms", 1, "p.updated_ms IS ended.at_ms"},
    {"accepted", 1,
     "p.accepted IS EXISTS (SELECT 1 FROM transitions WHERE request_id = p.request_id AND "
     "to_state = 'accepted')"},
    // What the machine said before it was asked: no step repeats it, so its form is all.
    {"device_uptime_s", 1, "typeof(p.device_uptime_s) = 'integer' AND p.device_uptime_s >= 0"},
    {"guard_boot_id", 1,
     "p.guard_boot_id IS NULL OR (typeof(p.guard_boot_id) = 'text' AND "
     "length(p.guard_boot_id) = 16 AND p.guard_boot_id NOT GLOB '*[^0-9a-f]*')"},
    {"guard_expires_ms", 1,
     "p.guard_boot_id IS NULL AND p.guard_expires_ms IS NULL OR p.guard_boot_id IS NOT NULL AND "
     "typeof(p.guard_expires_ms) = 'integer' AND p.guard_expires_ms >= 0"},
    {"pours_total", 1,
     "typeof(p.pours_total) = 'integer' AND p.pours_total BETWEEN 0 AND 4294967295"},
    {"most_ul", 1, "typeof(p.most_ul) = 'integer' AND p.most_ul >= 0"},
    {"machine_id", 4,
     "p.machine_id IS NULL OR (typeof(p.machine_id) = 'text' AND length(p.machine_id) = 16 AND "
     "p.machine_id NOT GLOB '*[^0-9a-f]*')"},
    {"uptime_at_us", 6,
     "p.clock_id IS NULL AND p.uptime_at_us IS NULL OR p.clock_id IS NOT NULL AND "
     "typeof(p.uptime_at_us) = 'integer' AND p.uptime_at_us >= 0"},
    {"sent_at_us", 6,
     "p.clock_id IS NULL AND p.sent_at_us IS NULL OR p.clock_id IS NOT NULL AND "
     "typeof(p.sent_at_us) = 'integer' AND p.sent_at_us >= 0"},
    {"clock_id", 6,
     "p.clock_id IS NULL OR (typeof(p.clock_id) = 'text' AND length(p.clock_id) BETWEEN 1 AND 36)"},
}};

}  // namespace pourtocol::database
