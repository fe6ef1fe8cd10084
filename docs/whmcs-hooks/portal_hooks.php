<?php
/**
 * Tells the customer portal which record changed in WHMCS. Copy to includes/hooks/; see docs/whmcs-hooks.md.
 *
 * Runs inside WHMCS's own requests, so it prints nothing, lets no error out and waits three seconds at most. What the
 * portal does not take is kept in the table mod_portal_hook_spool and sent again from WHMCS's cron for 72 hours.
 * Needs PHP 7.4 or later with curl and json, as WHMCS does. Nothing here is to be edited: the settings are a file
 * of their own, the first of SETTINGS_FILES that exists, which says
 *
 *     <?php return [
 *         'url' => 'https://portal.example.com/api/webhooks/whmcs',
 *         'secrets' => ['the WHMCS_WEBHOOK_SECRET of the portal'],   // two while changing it
 *         'source' => 'billing',                                    // a name for this WHMCS
 *     ];
 *
 * Source: WHMCS hook reference; hook and parameter names as documented, odd spellings included.
 */

declare(strict_types=1);

namespace PortalHooks;

use WHMCS\Database\Capsule;

// Asked for from outside, or installed twice under two names: there is nothing to do.
if (!\defined('WHMCS') || \defined('PORTAL_HOOKS')) {
    return;
}
\define('PORTAL_HOOKS', '1');

/** Beside the WHMCS folder, where no web server looks; else here, where WHMCS does not load names with an underscore. */
const SETTINGS_FILES = [__DIR__ . '/../../../portal_hooks_settings.php', __DIR__ . '/_portal_hooks_settings.php'];

const CONNECT_MS = 1000;
const TOTAL_MS = 3000;
const MOST_BYTES = 65536;
const LONGEST_TEXT = 1000;
const MOST_IN_A_LIST = 60;

const TABLE = 'mod_portal_hook_spool';
const FIRST_RETRY_S = 60;
const SLOWEST_RETRY_S = 900;
const GIVE_UP_S = 72 * 3600;
const FLUSH_ROWS = 200;
const FLUSH_S = 30;
const FLUSH_FAILURES = 3;
const REST_S = 60;

/** Answers about the body itself: the same body gets them again. Anything else may be put right within 72 hours. */
const REFUSED_FOR_GOOD = [400, 413, 415, 422];

/** Runs after other hooks of the same event. */
const PRIORITY = 99;

const MODULE = ['serviceid' => 'params.serviceid', 'userid' => 'params.userid', 'pid' => 'params.pid'];
const ADDON = ['id', 'userid', 'serviceid', 'addonid'];

/**
 * What leaves WHMCS: hook name -> parameters. `'a' => 'b.c'` sends as `a` what is `c` of the array or object `b`.
 * Ids and words of state only. Names, addresses, passwords, cards, notes, messages and amounts stay where they are:
 * the portal reads the record it is told of through the API.
 */
const ALLOWED = [
    'InvoiceCreated' => ['source', 'user', 'invoiceid', 'status'],
    'InvoicePaid' => ['invoiceid'],
    'InvoicePaidPreEmail' => ['invoiceid'],
    'InvoiceUnpaid' => ['invoiceid'],
    'InvoiceCancelled' => ['invoiceid'],
    'InvoiceRefunded' => ['invoiceid'],
    'InvoiceChangeGateway' => ['invoiceid', 'paymentmethod'],
    'InvoicePaymentReminder' => ['invoiceid', 'type'],
    'InvoiceSplit' => ['originalinvoiceid', 'newinvoiceid'],
    'AddInvoicePayment' => ['invoiceid'],
    'AddInvoiceLateFee' => ['invoiceid'],
    'UpdateInvoiceTotal' => ['invoiceid'],
    'AddTransaction' => ['id', 'userid', 'invocieid', 'invoiceid', 'refundid'],
    'ManualRefund' => ['transid'],

    'ClientAdd' => ['client_id', 'user_id', 'userid'],
    'ClientEdit' => ['userid', 'uuid', 'status'],
    'ClientClose' => ['userid'],
    'PreDeleteClient' => ['userid'],
    'AfterClientMerge' => ['toUserID', 'fromUserID'],
    'ClientChangePassword' => ['userid'],
    'CCUpdate' => ['userid'],
    'PayMethodMigration' => ['client_id' => 'client.id'],
    'ContactAdd' => ['userid', 'contactid'],
    'ContactEdit' => ['userid', 'contactid'],
    'ContactDelete' => ['userid', 'contactid'],
    'UserAdd' => ['user_id'],
    'UserEdit' => ['user_id'],
    'UserChangePassword' => ['userid'],
    'UserEmailVerificationComplete' => ['userId'],
    'UserLogin' => ['user_id' => 'user.id'],
    'UserLogout' => ['user_id' => 'user.id'],

    'AfterModuleCreate' => MODULE,
    'AfterModuleSuspend' => MODULE,
    'AfterModuleUnsuspend' => MODULE,
    'AfterModuleTerminate' => MODULE,
    'AfterModuleChangePackage' => MODULE,
    'AfterModuleCustom' => MODULE,
    'AfterModuleCreateFailed' => MODULE,
    'AfterModuleSuspendFailed' => MODULE,
    'AfterModuleUnsuspendFailed' => MODULE,
    'AfterModuleTerminateFailed' => MODULE,
    'AfterModuleChangePackageFailed' => MODULE,
    'AfterModuleCustomFailed' => MODULE,
    'AfterModuleChangePassword' => ['serviceid'],
    'ServiceEdit' => ['userid', 'serviceid'],
    'AdminServiceEdit' => ['userid', 'serviceid'],
    'ServiceDelete' => ['userid', 'clientId', 'serviceid'],
    'ServiceRecurringCompleted' => ['serviceid'],
    'CancellationRequest' => ['userid', 'relid', 'type'],
    'AfterProductUpgrade' => ['upgradeid'],
    'AddonActivation' => ['id', 'userid', 'clientid', 'serviceid', 'addonid'],
    'AddonAdd' => ADDON,
    'AddonSuspended' => ADDON,
    'AddonUnsuspended' => ADDON,
    'AddonTerminated' => ADDON,
    'AddonCancelled' => ADDON,
    'AddonEdit' => ADDON,

    // Apart from the first and the last these run before the change: the portal looks a little later.
    'OrderPaid' => ['orderId', 'userId', 'invoiceId'],
    'AcceptOrder' => ['orderid'],
    'CancelOrder' => ['orderid'],
    'PendingOrder' => ['orderid'],
    'FraudOrder' => ['orderid'],
    'DeleteOrder' => ['orderid'],
    'CancelAndRefundOrder' => ['orderid'],
    'AfterShoppingCartCheckout' => ['OrderID', 'ServiceIDs', 'AddonIDs', 'InvoiceID'],

    'ProductEdit' => ['pid'],
    'ProductDelete' => ['pid'],
    'QuoteCreated' => ['quoteid', 'status'],
    'QuoteStatusChange' => ['quoteid', 'status'],
    'AcceptQuote' => ['quoteid', 'invoiceid'],
    'EmailPreSend' => ['messagename', 'relid'],
    'DailyCronJob' => [],
];

/** Of these only what ends so: no hook says that a payment failed, but the mail about it is announced. */
const ONLY = ['EmailPreSend' => ['messagename', 'Payment Failed']];

/** Arrays of ids, sent as text: "12,13". */
const LISTS = ['ServiceIDs', 'AddonIDs'];

(new class {
    /** @var array|null url, secrets and source; null while they are not known or not usable */
    private $settings;

    /** @var string why the settings are not usable */
    private $problem = '';

    /** @var int after a failure the rest of this request does not wait for the portal again */
    private $restUntil = 0;

    public function register(): void
    {
        foreach (\array_keys(ALLOWED) as $event) {
            \add_hook($event, PRIORITY, function ($vars = []) use ($event) {
                $this->quietly(function () use ($event, $vars) {
                    if ($this->isWanted($event, \is_array($vars) ? $vars : [])) {
                        $this->forward($event, $vars);
                    }
                });
            });
        }
        \add_hook('AfterCronJob', PRIORITY, function () {
            $this->quietly(function () {
                $this->flush();
            });
        });
    }

    /** WHMCS goes on as if nothing had happened, whatever happens here. */
    private function quietly(callable $work): void
    {
        $level = \ob_get_level();
        \ob_start();
        \set_error_handler(static function () {
            return true;
        });
        try {
            $work();
        } catch (\Throwable $failure) {
            // Without its message: that of a database quotes what was to be written.
            $this->say('stopped by ' . \get_class($failure) . ' in line ' . $failure->getLine());
        } finally {
            \restore_error_handler();
            if (\ob_get_level() > $level) {
                \ob_end_clean();
            }
        }
    }

    private function isWanted(string $event, array $vars): bool
    {
        if (!isset(ONLY[$event])) {
            return true;
        }
        [$name, $end] = ONLY[$event];
        return \is_string($vars[$name] ?? null) && \substr($vars[$name], -\strlen($end)) === $end;
    }

    private function say(string $message): void
    {
        try {
            \logActivity('Portal hooks: ' . $message);
        } catch (\Throwable $failure) {
            return; // the log is the last place to tell it
        }
    }

    private function forward(string $event, $vars): void
    {
        if (!$this->ready()) {
            return;
        }
        $id = $this->newEventId();
        $body = $this->body($event, $id, $this->params($event, \is_array($vars) ? $vars : []));
        $tried = time() >= $this->restUntil;
        [$outcome, $why] = $tried ? $this->deliver($event, $id, $body) : ['later', 'not tried'];
        if ($outcome === 'never') {
            $this->say("the portal refused $event $id for good ($why)");
        } elseif ($outcome === 'later') {
            if ($tried) {
                $this->restUntil = time() + REST_S;
            }
            $this->keep($event, $id, $body, (int) $tried, $why);
        }
    }

    private function newEventId(): string
    {
        $bytes = \substr(\pack('J', (int) (microtime(true) * 1000)), 2) . random_bytes(10);
        $id = '';
        $held = 0;
        $bits = 2; // a ULID is 26 characters of 5 bits over 128: it starts with two zeros
        foreach (\str_split($bytes) as $byte) {
            $held = ($held << 8) | \ord($byte);
            for ($bits += 8; $bits >= 5; $held &= (1 << $bits) - 1) {
                $bits -= 5;
                $id .= '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[$held >> $bits];
            }
        }
        return $id;
    }

    private function params(string $event, array $vars): array
    {
        $params = [];
        foreach (ALLOWED[$event] as $name => $path) {
            $value = $vars;
            foreach (\explode('.', $path) as $step) {
                if (\is_array($value) && \array_key_exists($step, $value)) {
                    $value = $value[$step];
                } elseif (\is_object($value) && isset($value->$step)) {
                    $value = $value->$step;
                } else {
                    continue 2;
                }
            }
            if (\is_array($value) && \in_array($path, LISTS, true)) {
                $ids = \array_filter($value, static function ($id) {
                    return (\is_int($id) || \is_string($id)) && \preg_match('/^[0-9]{1,15}$/D', (string) $id);
                });
                $value = \implode(',', \array_slice($ids, 0, MOST_IN_A_LIST));
            }
            if ($this->isPlain($value)) {
                $params[\is_int($name) ? $path : $name] = $value;
            }
        }
        return $params;
    }

    private function isPlain($value): bool
    {
        if (\is_string($value)) {
            return \strlen($value) <= LONGEST_TEXT; // an id or a word is not longer
        }
        return $value === null || \is_int($value) || \is_bool($value) || (\is_float($value) && \is_finite($value));
    }

    private function body(string $event, string $id, array $params): string
    {
        $version = $GLOBALS['CONFIG']['Version'] ?? null;
        $body = ['event' => $event, 'event_id' => $id, 'occurred_at' => time(), 'source' => $this->settings['source']];
        if (\is_string($version) && $version !== '' && \strlen($version) <= 100) {
            $body['whmcs_version'] = $version;
        }
        $body['params'] = (object) $params; // an object, also when it is empty
        $flags = \JSON_UNESCAPED_SLASHES | \JSON_PRESERVE_ZERO_FRACTION | \JSON_INVALID_UTF8_SUBSTITUTE
            | \JSON_THROW_ON_ERROR;
        $json = \str_replace("\x7f", '\u007f', \json_encode($body, $flags));
        if (\strlen($json) > MOST_BYTES) {
            throw new \LengthException('body');
        }
        return $json;
    }

    /** One attempt with its own time and signature: 'taken', 'later' or 'never', and why. */
    private function deliver(string $event, string $id, string $body): array
    {
        $timestamp = (string) time();
        $signatures = [];
        foreach ($this->settings['secrets'] as $secret) {
            $signatures[] = 'v1=' . \hash_hmac('sha256', "v1.$timestamp.$body", $secret);
        }
        $loopback = $this->isLoopback((string) \parse_url($this->settings['url'], \PHP_URL_HOST));
        $curl = \curl_init();
        $set = \curl_setopt_array($curl, [
            \CURLOPT_URL => $this->settings['url'],
            \CURLOPT_PROTOCOLS => $loopback ? \CURLPROTO_HTTP | \CURLPROTO_HTTPS : \CURLPROTO_HTTPS,
            \CURLOPT_PROXY => '', // not even one named in the environment
            \CURLOPT_FOLLOWLOCATION => false,
            \CURLOPT_SSL_VERIFYPEER => true,
            \CURLOPT_SSL_VERIFYHOST => 2,
            \CURLOPT_CONNECTTIMEOUT_MS => CONNECT_MS,
            \CURLOPT_TIMEOUT_MS => TOTAL_MS,
            \CURLOPT_NOSIGNAL => true,
            \CURLOPT_POST => true,
            \CURLOPT_POSTFIELDS => $body,
            \CURLOPT_HTTPHEADER => [
                'Content-Type: application/json; charset=utf-8',
                'User-Agent: portal-hooks/' . \PORTAL_HOOKS,
                'Expect:', // no round trip before the body
                "X-Whmcs-Event: $event",
                "X-Whmcs-Event-Id: $id",
                "X-Whmcs-Timestamp: $timestamp",
                'X-Whmcs-Signature: ' . \implode(',', $signatures),
            ],
            \CURLOPT_WRITEFUNCTION => static function ($curl, $part) {
                return \strlen($part); // nobody reads the answer
            },
        ]);
        if (!$set) {
            throw new \RuntimeException('curl'); // never send with less than all of them
        }
        \curl_exec($curl);
        $error = \curl_errno($curl);
        $status = (int) \curl_getinfo($curl, \CURLINFO_RESPONSE_CODE);
        if ($error !== 0) {
            return ['later', "no answer, curl error $error"];
        }
        $outcome = $status >= 200 && $status < 300 ? 'taken' : 'later';
        return [\in_array($status, REFUSED_FOR_GOOD, true) ? 'never' : $outcome, "status $status"];
    }

    private function table()
    {
        return Capsule::table(TABLE);
    }

    private function ensureTable(): void
    {
        if (Capsule::schema()->hasTable(TABLE)) {
            return;
        }
        try {
            Capsule::schema()->create(TABLE, static function ($table) {
                $table->increments('id');
                $table->string('event_id', 26)->unique();
                $table->string('event', 64);
                $table->mediumText('body');
                $table->unsignedInteger('attempts');
                $table->unsignedInteger('created_at');
                $table->unsignedInteger('next_at')->index();
                $table->string('last_result', 100);
            });
        } catch (\Throwable $failure) {
            if (!Capsule::schema()->hasTable(TABLE)) { // else another request was faster
                throw $failure;
            }
        }
    }

    private function keep(string $event, string $id, string $body, int $attempts, string $why): void
    {
        try {
            $this->ensureTable();
            $first = $this->table()->count() === 0;
            $this->table()->insert([
                'event_id' => $id,
                'event' => $event,
                'body' => $body,
                'attempts' => $attempts,
                'created_at' => time(),
                'next_at' => time() + FIRST_RETRY_S,
                'last_result' => $why,
            ]);
        } catch (\Throwable $failure) {
            $this->say("$event $id was not taken ($why) and could not be kept: " . \get_class($failure));
            return;
        }
        if ($first) {
            $this->say("$event $id was not taken ($why); it is kept, as others will be, and sent again by the cron");
        }
    }

    /** Sends what is due, oldest first; stops early rather than hold up WHMCS's cron. */
    private function flush(): void
    {
        if (!$this->ready()) {
            $this->say('nothing is sent: ' . $this->problem);
            return;
        }
        $this->ensureTable();
        $this->giveUp();
        $started = time();
        $due = $this->table()->where('next_at', '<=', $started)->orderBy('id')->limit(FLUSH_ROWS)->get();
        $sent = $failures = 0;
        foreach ($due as $row) {
            if ($failures >= FLUSH_FAILURES || time() - $started >= FLUSH_S) {
                return;
            }
            if (!$this->claim($row)) {
                continue;
            }
            [$outcome, $why] = $this->deliver($row->event, $row->event_id, $row->body);
            if ($outcome === 'later') {
                ++$failures;
                $this->table()->where('id', $row->id)->update(['last_result' => $why]);
                continue;
            }
            if ($outcome === 'never') {
                $this->say("the portal refused {$row->event} {$row->event_id} for good ($why)");
            }
            $this->table()->where('id', $row->id)->delete();
            ++$sent;
        }
        if ($sent > 0 && $this->table()->count() === 0) {
            $this->say('everything that was kept has been sent');
        }
    }

    /** Moves the next attempt on before this one, so that a second cron at the same time passes it over. */
    private function claim($row): bool
    {
        $wait = \min(FIRST_RETRY_S * 2 ** \min((int) $row->attempts, 10), SLOWEST_RETRY_S);
        $mine = $this->table()->where('id', $row->id)->where('next_at', $row->next_at);
        return $mine->update(['attempts' => $row->attempts + 1, 'next_at' => time() + $wait]) === 1;
    }

    private function giveUp(): void
    {
        $last = time() - GIVE_UP_S;
        foreach ($this->table()->where('created_at', '<', $last)->orderBy('id')->limit(FLUSH_ROWS)->get() as $row) {
            $this->table()->where('id', $row->id)->delete();
            $this->say("gave up on {$row->event} {$row->event_id} after 72 hours ({$row->last_result})");
        }
    }

    private function ready(): bool
    {
        if ($this->settings === null && $this->problem === '') {
            try {
                $this->settings = $this->readSettings();
            } catch (\Throwable $failure) {
                $ours = $failure instanceof \DomainException;
                $this->problem = $ours ? $failure->getMessage() : 'the settings file is broken';
            }
        }
        return $this->settings !== null;
    }

    private function readSettings(): array
    {
        $files = \array_filter(SETTINGS_FILES, 'is_file');
        if (!$files) {
            throw new \DomainException('there is no settings file');
        }
        $given = require \reset($files);
        $given = \is_array($given) ? $given : [];
        $url = $given['url'] ?? '';
        $parts = \is_string($url) ? \parse_url($url) : false;
        $host = \is_array($parts) ? $parts['host'] ?? '' : '';
        $scheme = \is_array($parts) ? $parts['scheme'] ?? '' : '';
        if ($host === '' || isset($parts['user']) || ($scheme !== 'https' && $scheme !== 'http')) {
            throw new \DomainException("the setting 'url' is not the address of the portal's webhook");
        }
        if ($scheme === 'http' && !$this->isLoopback($host)) {
            throw new \DomainException("the setting 'url' must start with https://");
        }
        $secrets = \is_array($given['secrets'] ?? null) ? \array_values($given['secrets']) : [];
        $long = \array_filter($secrets, static function ($secret) {
            return \is_string($secret) && \strlen($secret) >= 32;
        });
        if (!$secrets || \count($secrets) > 2 || $long !== $secrets) {
            throw new \DomainException("the setting 'secrets' needs one or two texts of 32 characters or more");
        }
        $source = $given['source'] ?? '';
        if (!\is_string($source) || !\preg_match('/^[A-Za-z0-9_.-]{1,64}$/D', $source)) {
            throw new \DomainException("the setting 'source' must be a short name of letters, digits, - _ .");
        }
        return ['url' => $url, 'secrets' => $secrets, 'source' => $source];
    }

    private function isLoopback(string $host): bool
    {
        return \in_array(\strtolower($host), ['localhost', '127.0.0.1', '[::1]'], true);
    }
})->register();
