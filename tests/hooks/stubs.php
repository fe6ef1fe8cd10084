<?php
/**
 * What the hook file meets inside WHMCS, as far as it uses it: add_hook, logActivity, the database manager; and a
 * clock and dice the tests hold. Stricter than the real ones where that finds mistakes.
 */

declare(strict_types=1);

namespace {
    const WHMCS = true;

    final class Stage
    {
        /** @var array<string, list<callable>> */
        public static $hooks = [];
        /** @var list<string> */
        public static $log = [];
        /** @var bool */
        public static $logFails = false;
        /** @var float|null a fixed moment; null follows the real clock */
        public static $now = null;
        /** @var float */
        public static $offset = 0.0;
        /** @var string hexadecimal; "" is real chance */
        public static $dice = '';

        public static function now(): float
        {
            return (self::$now ?? \microtime(true)) + self::$offset;
        }
    }

    function add_hook($hookPoint, $priority, $function): void
    {
        if (!is_string($hookPoint) || !is_int($priority) || !is_callable($function)) {
            throw new TypeError('add_hook');
        }
        Stage::$hooks[$hookPoint][] = $function;
    }

    function logActivity(string $message, int $clientId = 0): void
    {
        if (Stage::$logFails) {
            throw new RuntimeException('the activity log is full');
        }
        Stage::$log[] = $message;
    }

    if (!extension_loaded('curl')) {
        require __DIR__ . '/curl.php';
    }
}

// Functions called without a leading backslash are looked for in the caller's namespace first.
namespace PortalHooks {
    function time(): int
    {
        return (int) \Stage::now();
    }

    function microtime(bool $asFloat = false): float
    {
        return \Stage::now();
    }

    function random_bytes(int $length): string
    {
        return \Stage::$dice === '' ? \random_bytes($length) : \hex2bin(\Stage::$dice);
    }
}

namespace WHMCS\Database {
    /** Tables in one JSON file, so that they outlive a process. Unknown columns, lost text and doubles are errors. */
    final class Capsule
    {
        /** @var string */
        public static $file = '';
        /** @var string 'down' refuses everything, 'lost race': another creates the table, 'overtaken': claims the row */
        public static $mood = '';

        public static function table(string $name): Query
        {
            return new Query($name);
        }

        public static function schema(): Schema
        {
            return new Schema();
        }

        public static function load(): array
        {
            if (self::$mood === 'down') {
                throw new \PDOException('SQLSTATE[HY000] [2002] Connection refused');
            }
            return \is_file(self::$file) ? \json_decode(\file_get_contents(self::$file), true) : [];
        }

        public static function save(array $tables): void
        {
            \file_put_contents(self::$file, \json_encode($tables, \JSON_THROW_ON_ERROR));
        }
    }

    final class Schema
    {
        public function hasTable(string $name): bool
        {
            return isset(Capsule::load()[$name]);
        }

        public function create(string $name, \Closure $describe): void
        {
            $blueprint = new Blueprint();
            $describe($blueprint);
            $tables = Capsule::load();
            $existed = isset($tables[$name]);
            $tables[$name] = $tables[$name] ?? ['columns' => $blueprint->columns, 'rows' => [], 'last' => 0];
            Capsule::save($tables);
            if ($existed || Capsule::$mood === 'lost race') {
                throw new \PDOException("SQLSTATE[42S01]: Table '$name' already exists");
            }
        }
    }

    final class Blueprint
    {
        private const LENGTHS = ['mediumText' => 16777215, 'unsignedInteger' => 10, 'increments' => 10];
        /** @var array */
        public $columns = [];

        public function __call(string $type, array $arguments): Column
        {
            if ($type !== 'string' && !isset(self::LENGTHS[$type])) {
                throw new \BadMethodCallException($type);
            }
            $this->columns[$arguments[0]] = ['most' => self::LENGTHS[$type] ?? $arguments[1], 'unique' => false];
            return new Column($this->columns[$arguments[0]]);
        }
    }

    final class Column
    {
        private $facts;

        public function __construct(array &$facts)
        {
            $this->facts = &$facts;
        }

        public function unique(): self
        {
            $this->facts['unique'] = true;
            return $this;
        }

        public function index(): self
        {
            return $this;
        }
    }

    /** The few calls of Laravel's query builder that the hook file makes. */
    final class Query
    {
        private $table;
        private $conditions = [];
        private $most = \PHP_INT_MAX;
        private $ordered = false;

        public function __construct(string $table)
        {
            $this->table = $table;
        }

        public function where(string $column, $operator, $value = null): self
        {
            $this->conditions[] = \func_num_args() === 2 ? [$column, '=', $operator] : [$column, $operator, $value];
            return $this;
        }

        public function orderBy(string $column): self
        {
            if ($column !== 'id') {
                throw new \BadMethodCallException($column); // rows are kept in this order
            }
            $this->ordered = true;
            return $this;
        }

        public function limit(int $most): self
        {
            $this->most = $most;
            return $this;
        }

        /** Texts, as some database drivers give numbers; newest first unless an order is asked for. */
        public function get(): \ArrayIterator
        {
            $found = $this->found($this->one());
            $found = \array_slice($this->ordered ? $found : \array_reverse($found), 0, $this->most);
            return new \ArrayIterator(\array_map(static function (array $row) {
                return (object) \array_map('strval', $row);
            }, $found));
        }

        public function count(): int
        {
            return \count($this->found($this->one()));
        }

        public function insert(array $row): bool
        {
            $table = $this->one();
            $missing = \array_diff(\array_keys($table['columns']), ['id'], \array_keys($row));
            if ($missing || \array_diff_key($row, $table['columns'])) {
                throw new \PDOException('SQLSTATE[42S22]: Unknown or missing column');
            }
            foreach ($row as $column => $value) {
                $facts = $table['columns'][$column];
                $taken = $facts['unique'] && \in_array($value, \array_column($table['rows'], $column), true);
                if ($taken || \strlen((string) $value) > $facts['most']) {
                    throw new \PDOException("SQLSTATE: $column is too long or taken");
                }
            }
            $table['rows'][] = ['id' => ++$table['last']] + $row;
            $this->write($table);
            return true;
        }

        public function update(array $changes): int
        {
            $table = $this->one();
            if (Capsule::$mood === 'overtaken') {
                foreach ($table['rows'] as &$row) {
                    $row['next_at'] += 60;
                }
                unset($row);
            }
            $found = \array_column($this->found($table), 'id');
            foreach ($table['rows'] as &$row) {
                $row = \in_array($row['id'], $found, true) ? \array_replace($row, $changes) : $row;
            }
            $this->write($table);
            return \count($found);
        }

        public function delete(): int
        {
            $table = $this->one();
            $found = $this->found($table);
            $table['rows'] = \array_values(\array_filter($table['rows'], static function (array $row) use ($found) {
                return !\in_array($row, $found, true);
            }));
            $this->write($table);
            return \count($found);
        }

        private function one(): array
        {
            $tables = Capsule::load();
            if (!isset($tables[$this->table])) {
                throw new \PDOException("SQLSTATE[42S02]: Table '{$this->table}' doesn't exist");
            }
            return $tables[$this->table];
        }

        private function write(array $table): void
        {
            Capsule::save([$this->table => $table] + Capsule::load());
        }

        private function found(array $table): array
        {
            return \array_values(\array_filter($table['rows'], function (array $row) {
                foreach ($this->conditions as [$column, $operator, $value]) {
                    $compared = (string) $row[$column] === (string) $value ? 0 : $row[$column] <=> $value;
                    if (!['=' => $compared === 0, '<' => $compared < 0, '<=' => $compared <= 0][$operator]) {
                        return false;
                    }
                }
                return true;
            }));
        }
    }
}
