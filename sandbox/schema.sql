-- Amounts are integers in hundredths. Dates are text as WHMCS keeps them, zero dates included.
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS clients (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, firstname TEXT NOT NULL, lastname TEXT NOT NULL,
    companyname TEXT NOT NULL DEFAULT '', email TEXT NOT NULL, address1 TEXT NOT NULL DEFAULT '',
    address2 TEXT NOT NULL DEFAULT '', city TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '',
    postcode TEXT NOT NULL DEFAULT '', country TEXT NOT NULL DEFAULT 'JP', phonenumber TEXT NOT NULL DEFAULT '',
    tax_id TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT 'Active', credit INTEGER NOT NULL DEFAULT 0,
    language TEXT NOT NULL DEFAULT '', datecreated TEXT NOT NULL, notes TEXT NOT NULL DEFAULT '',
    defaultgateway TEXT NOT NULL DEFAULT '', groupid INTEGER NOT NULL DEFAULT 0, allow_sso INTEGER NOT NULL DEFAULT 1,
    lastlogin TEXT NOT NULL DEFAULT '', customfields TEXT NOT NULL DEFAULT '{}',
    email_preferences TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS clients_email ON clients (email);
CREATE TABLE IF NOT EXISTS marketing_consents (client_id INTEGER PRIMARY KEY);

CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, firstname TEXT NOT NULL, lastname TEXT NOT NULL,
    password TEXT NOT NULL, two_factor INTEGER NOT NULL DEFAULT 0, datecreated TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS user_clients (
    user_id INTEGER NOT NULL, client_id INTEGER NOT NULL, is_owner INTEGER NOT NULL, PRIMARY KEY (user_id, client_id)
);
CREATE INDEX IF NOT EXISTS user_clients_client ON user_clients (client_id);

CREATE TABLE IF NOT EXISTS products (
    id INTEGER PRIMARY KEY, gid INTEGER NOT NULL, groupname TEXT NOT NULL, name TEXT NOT NULL, slug TEXT NOT NULL,
    description TEXT NOT NULL, module TEXT NOT NULL, paytype TEXT NOT NULL, monthly INTEGER NOT NULL,
    setup INTEGER NOT NULL, annually INTEGER NOT NULL
);

-- What gateways are called where that is not what catalog.py says.
CREATE TABLE IF NOT EXISTS gateway_names (module TEXT PRIMARY KEY, displayname TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, ordernum TEXT NOT NULL, client_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    date TEXT NOT NULL, amount INTEGER NOT NULL, paymentmethod TEXT NOT NULL, invoice_id INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL, ipaddress TEXT NOT NULL DEFAULT '', notes TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS orders_client ON orders (client_id);

CREATE TABLE IF NOT EXISTS services (
    id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, order_id INTEGER NOT NULL, product_id INTEGER NOT NULL,
    regdate TEXT NOT NULL, domain TEXT NOT NULL DEFAULT '', firstpaymentamount INTEGER NOT NULL,
    recurringamount INTEGER NOT NULL, paymentmethod TEXT NOT NULL, billingcycle TEXT NOT NULL,
    nextduedate TEXT NOT NULL, terminationdate TEXT NOT NULL DEFAULT '0000-00-00', status TEXT NOT NULL,
    username TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', suspensionreason TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '', customfields TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS services_client ON services (client_id);

CREATE TABLE IF NOT EXISTS invoices (
    id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, invoicenum TEXT NOT NULL DEFAULT '', date TEXT NOT NULL,
    duedate TEXT NOT NULL, datepaid TEXT NOT NULL DEFAULT '0000-00-00 00:00:00',
    last_capture_attempt TEXT NOT NULL DEFAULT '0000-00-00 00:00:00',
    date_refunded TEXT NOT NULL DEFAULT '0000-00-00 00:00:00',
    date_cancelled TEXT NOT NULL DEFAULT '0000-00-00 00:00:00',
    subtotal INTEGER NOT NULL, credit INTEGER NOT NULL DEFAULT 0, tax INTEGER NOT NULL, total INTEGER NOT NULL,
    taxrate TEXT NOT NULL DEFAULT '10.000', status TEXT NOT NULL, paymentmethod TEXT NOT NULL,
    paymethodid INTEGER, notes TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS invoices_client ON invoices (client_id, id);
CREATE INDEX IF NOT EXISTS invoices_status ON invoices (status);

CREATE TABLE IF NOT EXISTS invoice_items (
    id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, type TEXT NOT NULL DEFAULT '', relid INTEGER NOT NULL DEFAULT 0,
    description TEXT NOT NULL, amount INTEGER NOT NULL, taxed INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS invoice_items_invoice ON invoice_items (invoice_id);

CREATE TABLE IF NOT EXISTS transactions (
    id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, invoice_id INTEGER NOT NULL, gateway TEXT NOT NULL,
    date TEXT NOT NULL, description TEXT NOT NULL, amountin INTEGER NOT NULL DEFAULT 0,
    fees INTEGER NOT NULL DEFAULT 0, amountout INTEGER NOT NULL DEFAULT 0, transid TEXT NOT NULL,
    refundid INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS transactions_invoice ON transactions (invoice_id);
CREATE INDEX IF NOT EXISTS transactions_client ON transactions (client_id);
CREATE INDEX IF NOT EXISTS transactions_transid ON transactions (transid);

CREATE TABLE IF NOT EXISTS credits (
    id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, date TEXT NOT NULL, description TEXT NOT NULL,
    amount INTEGER NOT NULL, relid INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS paymethods (
    id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, type TEXT NOT NULL, description TEXT NOT NULL,
    gateway_name TEXT NOT NULL, card_type TEXT NOT NULL DEFAULT '', card_last_four TEXT NOT NULL DEFAULT '',
    expiry_date TEXT NOT NULL DEFAULT '', bank_name TEXT NOT NULL DEFAULT '', remote_token TEXT NOT NULL DEFAULT '',
    last_updated TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS paymethods_client ON paymethods (client_id);

CREATE TABLE IF NOT EXISTS cancel_requests (
    id INTEGER PRIMARY KEY, service_id INTEGER NOT NULL UNIQUE, date TEXT NOT NULL, reason TEXT NOT NULL,
    type TEXT NOT NULL
);
-- What WHMCS itself has mailed to clients; kept here only, it does not reach the mail server.
CREATE TABLE IF NOT EXISTS whmcs_emails (
    id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, subject TEXT NOT NULL, message TEXT NOT NULL,
    date TEXT NOT NULL, recipient TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS whmcs_emails_client ON whmcs_emails (client_id, id);

CREATE TABLE IF NOT EXISTS sso_tokens (
    token TEXT PRIMARY KEY, client_id INTEGER NOT NULL, user_id INTEGER NOT NULL, path TEXT NOT NULL,
    expires_at REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS web_sessions (
    session TEXT PRIMARY KEY, client_id INTEGER NOT NULL, user_id INTEGER NOT NULL, form_token TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS hook_spool (
    event_id TEXT PRIMARY KEY, event TEXT NOT NULL, body BLOB NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL, next_at REAL NOT NULL, last_result TEXT NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    subject TEXT NOT NULL, raw BLOB NOT NULL
);

-- Salesforce: one table for the records of every object, fields as JSON without nulls; `sf_external` finds them by external id.
CREATE TABLE IF NOT EXISTS sf_records (id TEXT PRIMARY KEY, object TEXT NOT NULL, fields TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sf_records_object ON sf_records (object, id);
CREATE INDEX IF NOT EXISTS sf_records_account ON sf_records (object, json_extract(fields, '$.AccountId'));
CREATE TABLE IF NOT EXISTS sf_external (
    object TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (object, field, value, id)
);
CREATE TABLE IF NOT EXISTS sf_counters (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sf_files (id TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sf_sessions (token TEXT PRIMARY KEY, used_at REAL NOT NULL);

-- Salesforce events: the log, events held back by a trouble, and every schema an event ever had.
CREATE TABLE IF NOT EXISTS sf_events (
    position INTEGER PRIMARY KEY, entity TEXT NOT NULL, event_id TEXT NOT NULL, schema_id TEXT NOT NULL,
    payload BLOB NOT NULL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS sf_events_entity ON sf_events (entity, position);
CREATE TABLE IF NOT EXISTS sf_events_held (
    kind TEXT NOT NULL, entity TEXT NOT NULL, event_id TEXT NOT NULL, schema_id TEXT NOT NULL, payload BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS sf_event_schemas (id TEXT PRIMARY KEY, entity TEXT NOT NULL, text TEXT NOT NULL);

-- Freebit: lines as JSON, every request that was ever accepted, keys.
CREATE TABLE IF NOT EXISTS fb_lines (
    account TEXT PRIMARY KEY, live INTEGER NOT NULL, eid TEXT NOT NULL, product_number TEXT NOT NULL, fields TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fb_lines_eid ON fb_lines (eid);
CREATE INDEX IF NOT EXISTS fb_lines_product ON fb_lines (product_number);
CREATE TABLE IF NOT EXISTS fb_work (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, asked_at REAL NOT NULL,
    due_at REAL, due_on TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, code TEXT NOT NULL DEFAULT '', ended_at REAL
);
CREATE INDEX IF NOT EXISTS fb_work_account ON fb_work (account, id);
CREATE INDEX IF NOT EXISTS fb_work_state ON fb_work (state, due_at);
CREATE TABLE IF NOT EXISTS fb_keys (auth_key TEXT PRIMARY KEY, made_at REAL NOT NULL);
