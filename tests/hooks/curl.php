<?php
/**
 * PHP's curl where its extension is not installed, as far as the hook file uses it, over PHP's own streams: the real
 * connection, time limits, certificate check and bytes. Anything it does not play is an error, never ignored.
 */

declare(strict_types=1);

// Numbers of curl.h.
const CURLOPT_URL = 10002;
const CURLOPT_PROTOCOLS = 181;
const CURLOPT_PROXY = 10004;
const CURLOPT_FOLLOWLOCATION = 52;
const CURLOPT_SSL_VERIFYPEER = 64;
const CURLOPT_SSL_VERIFYHOST = 81;
const CURLOPT_CONNECTTIMEOUT_MS = 156;
const CURLOPT_TIMEOUT_MS = 155;
const CURLOPT_NOSIGNAL = 99;
const CURLOPT_POST = 47;
const CURLOPT_POSTFIELDS = 10015;
const CURLOPT_HTTPHEADER = 10023;
const CURLOPT_WRITEFUNCTION = 20011;
const CURLPROTO_HTTP = 1;
const CURLPROTO_HTTPS = 2;
const CURLINFO_RESPONSE_CODE = 2097154;

final class StandInCurl
{
    private const ONLY = [
        CURLOPT_PROXY => '',
        CURLOPT_FOLLOWLOCATION => false,
        CURLOPT_SSL_VERIFYPEER => true,
        CURLOPT_SSL_VERIFYHOST => 2,
        CURLOPT_NOSIGNAL => true,
        CURLOPT_POST => true,
    ];
    private const READ = [
        CURLOPT_URL, CURLOPT_PROTOCOLS, CURLOPT_CONNECTTIMEOUT_MS, CURLOPT_TIMEOUT_MS, CURLOPT_POSTFIELDS,
        CURLOPT_HTTPHEADER, CURLOPT_WRITEFUNCTION,
    ];
    /** @var array */
    public $options;
    /** @var int */
    public $status = 0;
    /** @var int */
    public $error = 0;

    public function set(array $options): void
    {
        foreach (self::ONLY as $option => $value) {
            if (($options[$option] ?? null) !== $value) {
                throw new LogicException("curl option $option is not what is played here");
            }
        }
        $named = array_merge(array_keys(self::ONLY), self::READ);
        if (array_diff(array_keys($options), $named) || array_diff($named, array_keys($options))) {
            throw new LogicException('curl options differ from those played here');
        }
        $this->options = $options;
    }

    public function exec(): bool
    {
        $deadline = microtime(true) + $this->options[CURLOPT_TIMEOUT_MS] / 1000;
        $url = parse_url($this->options[CURLOPT_URL]);
        $secure = $url['scheme'] === 'https';
        if (!($this->options[CURLOPT_PROTOCOLS] & ($secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP))) {
            return $this->failed(1);
        }
        $port = $url['port'] ?? ($secure ? 443 : 80);
        $wait = $this->options[CURLOPT_CONNECTTIMEOUT_MS] / 1000;
        $started = microtime(true);
        $socket = @stream_socket_client("tcp://{$url['host']}:$port", $code, $text, $wait);
        if ($socket === false) {
            return $this->failed(microtime(true) - $started >= $wait * 0.9 ? 28 : 7);
        }
        if ($secure && !$this->secured($socket, trim($url['host'], '[]'))) {
            return $this->failed(60);
        }
        fwrite($socket, $this->request($url, $port));
        return $this->answered($socket, $deadline);
    }

    private function secured($socket, string $host): bool
    {
        stream_context_set_option($socket, ['ssl' => ['verify_peer' => true, 'peer_name' => $host]]);
        return @stream_socket_enable_crypto($socket, true, STREAM_CRYPTO_METHOD_TLS_CLIENT) === true;
    }

    private function request(array $url, int $port): string
    {
        $body = $this->options[CURLOPT_POSTFIELDS];
        $path = ($url['path'] ?? '/') . (isset($url['query']) ? "?{$url['query']}" : '');
        $lines = ["POST $path HTTP/1.1", "Host: {$url['host']}:$port", 'Content-Length: ' . strlen($body)];
        foreach ($this->options[CURLOPT_HTTPHEADER] as $line) {
            if (substr($line, -1) !== ':') { // a name alone takes a header away
                $lines[] = $line;
            }
        }
        return implode("\r\n", $lines) . "\r\n\r\n" . $body;
    }

    /** Reads to the end of the body, as curl does, which needs a length or a closed connection. */
    private function answered($socket, float $deadline): bool
    {
        $got = '';
        while (($left = $deadline - microtime(true)) > 0) {
            stream_set_timeout($socket, (int) $left, (int) (($left - (int) $left) * 1e6));
            $part = fread($socket, 8192);
            $got .= $part === false ? '' : $part;
            $ended = feof($socket);
            if (preg_match('~^HTTP/1\.[01] (\d{3})[^\r]*\r\n(.*?)\r\n\r\n(.*)$~s', $got, $answer)) {
                $length = preg_match('~^content-length: *(\d+)~mi', $answer[2], $found) ? (int) $found[1] : PHP_INT_MAX;
                if ($ended || strlen($answer[3]) >= $length) {
                    $this->status = (int) $answer[1];
                    return ($this->options[CURLOPT_WRITEFUNCTION])($this, $answer[3]) === strlen($answer[3]);
                }
            } elseif ($ended) {
                return $this->failed(52);
            }
        }
        return $this->failed(28);
    }

    private function failed(int $error): bool
    {
        $this->error = $error;
        return false;
    }
}

function curl_init(): StandInCurl
{
    return new StandInCurl();
}

function curl_setopt_array(StandInCurl $curl, array $options): bool
{
    $curl->set($options);
    return true;
}

function curl_exec(StandInCurl $curl): bool
{
    return $curl->exec();
}

function curl_errno(StandInCurl $curl): int
{
    return $curl->error;
}

function curl_getinfo(StandInCurl $curl, int $what): int
{
    return $curl->status;
}
