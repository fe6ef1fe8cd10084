<?php
/** Plays WHMCS for one process: reads what to do from the file named first, writes what happened to the second. */

declare(strict_types=1);

require __DIR__ . '/stubs.php';

class Model
{
    public $id = 77;
    public $password = 'hunter2';

    public function __toString(): string
    {
        echo 'printed by a model';
        return 'hunter2';
    }
}

class ThrowingModel
{
    public function __isset($name)
    {
        echo 'printed by a model';
        trigger_error('a warning of a model', E_USER_WARNING);
        throw new RuntimeException('hunter2');
    }
}

/** JSON, with what JSON cannot say as {"$": kind}. */
function value($given)
{
    if (!is_array($given)) {
        return $given;
    }
    switch ($given['$'] ?? '') {
        case '':
            return array_map('value', $given);
        case 'bytes':
            return hex2bin($given['hex']);
        case 'repeat':
            return str_repeat($given['text'], $given['times']);
        case 'model':
            return new Model();
        case 'throwing':
            return new ThrowingModel();
        case 'closure':
            return static function () {
                echo 'printed by a closure';
            };
        case 'nan':
            return NAN;
        case 'resource':
            return STDERR;
        case 'endless':
            $endless = [];
            $endless['again'] = &$endless;
            return $endless;
        default:
            throw new LogicException($given['$']);
    }
}

$job = json_decode(file_get_contents($argv[1]), true, 512, JSON_THROW_ON_ERROR);
Stage::$now = $job['now'];
Stage::$dice = $job['dice'];
Stage::$logFails = $job['mood'] === 'no log';
WHMCS\Database\Capsule::$file = $job['database'];
WHMCS\Database\Capsule::$mood = $job['mood'];
$GLOBALS['CONFIG'] = ['Version' => $job['version']];

foreach ($job['files'] as $file) {
    require $file;
}
$results = [];
foreach ($job['steps'] as [$verb, $what, $vars]) {
    if ($verb === 'advance') {
        Stage::$offset += $what;
        continue;
    }
    if ($verb === 'secrets') { // past the check of their length: the reference vector's is short
        $sender = (new ReflectionFunction(Stage::$hooks['AfterCronJob'][0]))->getClosureThis();
        $settings = new ReflectionProperty($sender, 'settings');
        $settings->setAccessible(true);
        $settings->setValue($sender, ['secrets' => $vars] + ['url' => $what, 'source' => 'test']);
        continue;
    }
    $handler = set_error_handler(null);
    restore_error_handler();
    foreach (Stage::$hooks[$what] ?? [] as $callback) {
        $results[] = $what === 'AfterCronJob' ? $callback() : $callback(value($vars));
    }
    $after = set_error_handler(null);
    restore_error_handler();
    if ($handler !== $after || ob_get_level() !== 0) {
        throw new LogicException('the hook file left an error handler or an output buffer behind');
    }
}
file_put_contents($argv[2], json_encode([
    'hooks' => array_map('count', Stage::$hooks),
    'log' => Stage::$log,
    'returned' => array_values(array_filter($results, static function ($result) {
        return $result !== null;
    })),
    'allowed' => defined('PortalHooks\ALLOWED') ? constant('PortalHooks\ALLOWED') : [],
    'curl' => extension_loaded('curl'),
], JSON_THROW_ON_ERROR));
