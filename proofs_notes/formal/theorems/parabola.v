(** T10P [ours] (blueprint-3, section 1): T10's family with an explicit depth, for every width. Input dimension 2 and a
    first-layer bias, m clusters of four points (j + s/8, j^2 + js/4 + t/8), s, t = +-1, along a parabola, targets
    1 - t/2 + rho s t. Depth at least 3/(100 m) in every homogeneous class; exactly that for rho = 1, m >= 2 in
    PARALLEL with any bias-free branch, of any depth and width, or none.

    Definitions: [place], j; [sign_s], [sign_t], s and t; [spot], the points (x, 1); [parabola], the data; [whose], the
    cluster; [parabola_row], w_j = (8j, -4, 1 - 4 j^2), and [parabola_theta], theta: V_j = 1, U = 0, any A and q;
    [parabola_dual], G_j^-1 x; [push], the direction in which row 0 leaves, [moved], row 0 on its way, [trial], theta
    there; [extra], what f gains there.
    Statements: T10P. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks homogeneous.
From Skipscape.lemmas Require Import losses smooth draw.
From Skipscape.theorems Require Import separation positivity clusters.
Import ListNotations.
Open Scope R_scope.

Section Parabola.
Variables (m : nat) (rho : R).

Definition place (k : nat) : R := INR (k / 4).
Definition sign_s (k : nat) : R := match (k mod 4)%nat with 0%nat | 1%nat => 1 | _ => -1 end.
Definition sign_t (k : nat) : R := match (k mod 4)%nat with 0%nat | 2%nat => 1 | _ => -1 end.
Definition spot (k : nat) : vector := fun i => match i with
  | 0%nat => place k + sign_s k / 8
  | 1%nat => (place k)^2 + 2 * place k * (sign_s k / 8) + sign_t k / 8
  | _ => 1 end.
Lemma parabola_weight (k : nat) : 0 <= / (4 * INR m).
Proof.
  destruct m as [|n]; [rewrite Rmult_0_r, Rinv_0; lra|]. left. apply Rinv_0_lt_compat.
  assert (0 < INR (S n)) by (apply lt_0_INR; lia). lra.
Qed.
Definition parabola : data := Data (4 * m) 3 1 spot (fun k _ => 1 - sign_t k / 2
  + rho * (sign_s k * sign_t k)) (fun _ => / (4 * INR m)) parabola_weight.
Hypothesis Hm : (1 <= m)%nat.
Definition whose (k : nat) : nat := (k / 4)%nat.

(** parabola_row j in the coordinates of cluster j: 1 - 4 eta *)
Definition parabola_row (j : nat) : vector := fun i => match i with 0%nat => 8 * INR j | 1%nat => -4 | _ => 1 - 4 *
  (INR j)^2 end.
Definition parabola_theta (a : matrix) (q : nat -> matrix) : param := make parabola_row (fun _ _ => 1) a (fun _ _ =>
  0) q.
(** G^{-1} x *)
Definition parabola_dual (j k : nat) : vector := fun i =>
  let xi := spot k 0%nat - INR j in let et := spot k 1%nat - 2 * INR j * spot k 0%nat + (INR j)^2 in
  match i with 0%nat => INR m * (64 * xi - 128 * INR j * et) | 1%nat => INR m * (64 * et)
             | _ => INR m * (1 - 64 * INR j * xi + 64 * (INR j)^2 * et) end.

Lemma four_div a r : (r < 4)%nat -> ((a * 4 + r) / 4 = a)%nat /\ ((a * 4 + r) mod 4 = r)%nat.
Proof.
  intros Hr. split; [rewrite Nat.div_add_l by lia; rewrite Nat.div_small; lia|].
  rewrite Nat.add_comm, Nat.mod_add by lia. now apply Nat.mod_small.
Qed.

Lemma cluster_sum (f : nat -> R) j n : (j < n)%nat -> \sum_(k < 4 * n) (if Nat.eqb (whose k) j then f k else 0)
  = f (j * 4 + 0)%nat + f (j * 4 + 1)%nat + f (j * 4 + 2)%nat + f (j * 4 + 3)%nat.
Proof.
  assert (Hs : forall n, \sum_(k < 4 * S n) (if Nat.eqb (whose k) j then f k else 0)
    = \sum_(k < 4 * n) (if Nat.eqb (whose k) j then f k else 0) + (if Nat.eqb n j then f (n * 4 + 0)%nat + f (n * 4
      + 1)%nat + f (n * 4 + 2)%nat + f (n * 4 + 3)%nat else 0)).
  { intros n'. replace (4 * S n')%nat with (4 * n' + 4)%nat by lia. rewrite seq_app, lsum_app. f_equal.
    replace (0 + 4 * n')%nat with (n' * 4 + 0)%nat by lia. cbn [seq lsum].
    replace (S (n' * 4 + 0)) with (n' * 4 + 1)%nat by lia. replace (S (n' * 4 + 1)) with (n' * 4 + 2)%nat by lia.
    replace (S (n' * 4 + 2)) with (n' * 4 + 3)%nat by lia. unfold whose.
    rewrite (proj1 (four_div n' 0 ltac:(lia))), (proj1 (four_div n' 1 ltac:(lia))),
      (proj1 (four_div n' 2 ltac:(lia))), (proj1 (four_div n' 3 ltac:(lia))).
    destruct (Nat.eqb n' j); ring. }
  assert (H0 : forall n, (n <= j)%nat -> \sum_(k < 4 * n) (if Nat.eqb (whose k) j then f k else 0) = 0).
  { intros n' Hn. apply lsum_zero. intros k Hk. apply in_rng in Hk.
    destruct (Nat.eqb_spec (whose k) j) as [E|E]; [|easy].
    unfold whose in E. assert (k / 4 < n')%nat by (apply Nat.div_lt_upper_bound; lia). lia. }
  induction n as [|n IH]; intros Hj; [lia|]. rewrite Hs. destruct (Nat.eqb_spec n j) as [->|Hne].
  - rewrite H0 by lia. ring.
  - rewrite IH by lia. ring.
Qed.

Lemma corner j r : (r < 4)%nat -> place (j * 4 + r) = INR j /\ sign_s (j * 4 + r) = (if Nat.ltb r 2 then 1 else -1)
  /\ sign_t (j * 4 + r) = (match r with 0%nat | 2%nat => 1 | _ => -1 end).
Proof.
  intros Hr. unfold place, sign_s, sign_t. rewrite (proj1 (four_div j r Hr)), (proj2 (four_div j r Hr)).
  repeat split; destruct r as [|[|[|[|r]]]]; try lia; reflexivity.
Qed.

Lemma dot3 u x : dot parabola u x = u 0%nat * x 0%nat + u 1%nat * x 1%nat + u 2%nat * x 2%nat.
Proof. unfold dot. cbn. ring. Qed.

(** coordinates of a point in the frame of cluster j: xi^2 = eta + (1 - 8 sign_t)/64,
  and 1 - 4 eta is what neuron j row_at *)
Lemma frame j k : exists xi et D, D = place k - INR j /\ xi = D + sign_s k / 8 /\ et = D^2 + D * sign_s k / 4
  + sign_t k / 8 /\
  spot k 0%nat - INR j = xi /\ spot k 1%nat - 2 * INR j * spot k 0%nat + (INR j)^2 = et.
Proof.
  exists (place k - INR j + sign_s k / 8), ((place k - INR j)^2 + (place k - INR j) * sign_s k / 4 + sign_t k / 8),
    (place k - INR j).
  repeat split. cbn [spot]. ring. cbn [spot]. field.
Qed.

Lemma signs k : (sign_s k = 1 \/ sign_s k = -1) /\ (sign_t k = 1 \/ sign_t k = -1).
Proof. unfold sign_s, sign_t. destruct (k mod 4)%nat as [|[|[|[|r]]]]; split; auto. Qed.

Lemma apart (k j : nat) : whose k <> j -> 1 <= place k - INR j \/ place k - INR j <= -1.
Proof.
  unfold whose, place. intros H. destruct (Nat.lt_ge_cases j (k / 4)) as [L|L].
  - left. apply le_INR in L. rewrite S_INR in L. lra.
  - right. assert (L' : (S (k / 4) <= j)%nat) by lia. apply le_INR in L'. rewrite S_INR in L'. lra.
Qed.

Lemma row_at j k : dot parabola (parabola_row j) (spot k) = 1 - 4 * (spot k 1%nat - 2 * INR j * spot k 0%nat
  + (INR j)^2).
Proof. rewrite dot3. cbn [parabola_row]. change (spot k 2%nat) with 1. ring. Qed.

Lemma dual_at j k : dot parabola (parabola_dual j k) (spot k) =
  INR m * (64 * (spot k 0%nat - INR j)^2 + 64 * (spot k 1%nat - 2 * INR j * spot k 0%nat + (INR j)^2)^2 + 1).
Proof. rewrite dot3. unfold parabola_dual. change (spot k 2%nat) with 1. ring. Qed.

(** in every homogeneous class: rows w_j, and each neuron alone is read with weight 1 (the branch may be live) *)
Theorem T10P_at_least {C : Type} at_row (net : (C -> R) -> nat -> nat ->
  R) Psi P : homogeneous parabola m at_row net Psi ->
  (forall j i, (j < m)%nat -> P (at_row j i) = parabola_row j i) -> (forall j, (j < m)%nat ->
    Psi P (kronecker j) = 1) ->
  depth_at_least (fun P => squared parabola (net P)) P (3 / (100 * INR m)).
Proof.
  intros Hom Hrow Hone. assert (Hpos : 0 < INR m) by (apply lt_0_INR; lia).
  assert (Hdot : forall j k, (j < m)%nat -> dot parabola (shown at_row Psi P j) (spot k)
    = dot parabola (parabola_row j) (spot k)).
  { intros j k Hj. apply dot_ext. intros i. unfold shown, alone. rewrite Hone, Hrow by easy. ring. }
  assert (Hrow' : forall j k, (j < m)%nat -> dot parabola (fun i => P (at_row j i)) (spot k)
    = dot parabola (parabola_row j) (spot k)).
  { intros j k Hj. apply dot_ext. intros i. now apply Hrow. }
  assert (Hown : forall k j, whose k = j -> place k - INR j = 0) by (intros k j <-; unfold place, whose; ring).
  apply (T10_clusters parabola m at_row net Psi Hom whose P parabola_dual); [easy| | |].
  - intros k j Hk Hj. change (input parabola k) with (spot k). rewrite Hrow', row_at by easy.
    destruct (frame j k) as (xi & et & D & HD & Hxi & Het & E1 & E2). rewrite E2. destruct (signs k) as [Hs Ht].
    split; intros Ho.
    + rewrite (Hown k j Ho) in HD. subst D. destruct Ht as [Ht|Ht]; rewrite Ht in Het; lra.
    + apply apart in Ho. rewrite <- HD in Ho. destruct Hs as [Hs|Hs]; destruct Ht as [Ht|Ht]; rewrite Hs, Ht in Het;
        destruct Ho; nra.
  - intros j Hj i Hi. unfold gram_on. cbn [points parabola].
    rewrite (lsum_ext _ _ (fun k => if Nat.eqb (whose k) j then / (4 * INR m) * dot parabola (parabola_row j) (spot k)
      * spot k i else 0))
      by (intros k _; destruct (Nat.eqb _ _); [|easy]; change (input parabola k) with (spot k); now rewrite Hdot).
    rewrite (lsum_ext _ (fun k => if Nat.eqb (whose k) j then weight parabola k * target parabola k 0%nat * input
      parabola k i else 0)
      (fun k => if Nat.eqb (whose k) j then / (4 * INR m) * (1 - sign_t k / 2
        + rho * (sign_s k * sign_t k)) * spot k i else 0)) by reflexivity.
    rewrite (cluster_sum (fun k => / (4 * INR m) * dot parabola (parabola_row j) (spot k) * spot k i)) by easy.
    rewrite (cluster_sum (fun k => / (4 * INR m) * (1 - sign_t k / 2 + rho * (sign_s k * sign_t k)) * spot k i))
      by easy.
    rewrite !row_at.
    destruct (corner j 0 ltac:(lia)) as (P0 & S0 & T0). destruct (corner j 1 ltac:(lia)) as (P1 & S1 & T1).
    destruct (corner j 2 ltac:(lia)) as (P2 & S2 & T2). destruct (corner j 3 ltac:(lia)) as (P3 & S3 & T3).
    cbn [Nat.ltb Nat.leb] in *. cbn [seen parabola] in Hi.
    destruct i as [|[|[|i]]]; [| | |lia]; cbn [spot]; rewrite P0, P1, P2, P3, S0, S1, S2, S3, T0, T1, T2, T3; field;
      lra.
  - intros j k Hj Hk. change (input parabola k) with (spot k). rewrite Hdot, row_at, dual_at by easy.
    destruct (frame j k) as (xi & et & D & HD & Hxi & Het & E1 & E2). rewrite E1, E2.
    assert (Hprice : 0 < INR m * (64 * xi^2 + 64 * et^2 + 1)) by (apply Rmult_lt_0_compat; [easy|]; nra).
    split; [|split; [exact Hprice|]].
    + intros i Hi. unfold gram_on. cbn [points parabola].
      rewrite (lsum_ext _ _ (fun k' => if Nat.eqb (whose k') j then / (4 * INR m) * dot parabola (parabola_dual j k)
        (spot k') * spot k' i else 0)) by reflexivity.
      rewrite (cluster_sum (fun k' => / (4 * INR m) * dot parabola (parabola_dual j k) (spot k') * spot k' i))
        by easy. rewrite !dot3.
      destruct (corner j 0 ltac:(lia)) as (P0 & S0 & T0). destruct (corner j 1 ltac:(lia)) as (P1 & S1 & T1).
      destruct (corner j 2 ltac:(lia)) as (P2 & S2 & T2). destruct (corner j 3 ltac:(lia)) as (P3 & S3 & T3).
      cbn [Nat.ltb Nat.leb] in *. cbn [seen parabola] in Hi. unfold parabola_dual. rewrite E1, E2.
      assert (Ex : spot k 0%nat = xi + INR j) by lra. assert (Ey : spot k 1%nat = et + 2 * INR j * (xi
        + INR j) - (INR j)^2) by (rewrite <- Ex; lra).
      destruct i as [|[|[|i]]]; [| | |lia]; [rewrite Ex | rewrite Ey | change (spot k 2%nat) with 1];
        cbn [spot]; rewrite ?P0, ?P1, ?P2, ?P3, ?S0, ?S1, ?S2, ?S3, ?T0, ?T1, ?T2, ?T3; field; lra.
    + apply Rmult_le_reg_r with (INR m * (64 * xi^2 + 64 * et^2 + 1)); [exact Hprice|].
      unfold Rdiv at 2. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
      replace (3 / (100 * INR m) * (INR m * (64 * xi^2 + 64 * et^2 + 1))) with (3 / 100 * (64 * xi^2 + 64 * et^2
        + 1)) by (field; lra).
      destruct (signs k) as [Hs Ht].
      assert (Hx2 : xi^2 = et + (1 - 8 * sign_t k) / 64).
      { rewrite Hxi, Het. destruct Hs as [Hs|Hs]; rewrite Hs; field. }
      rewrite Hx2. destruct (Nat.eq_dec (whose k) j) as [Ho|Ho].
      * rewrite (Hown k j Ho) in HD. subst D. destruct Ht as [Ht|Ht]; rewrite Ht in *;
          [replace et with (1/8) by lra | replace et with (-1/8) by lra]; lra.
      * apply apart in Ho. rewrite <- HD in Ho.
        destruct Ht as [Ht|Ht]; rewrite Ht in *.
        -- assert (7 / 8 <= et) by (destruct Hs as [Hs|Hs]; rewrite Hs in Het; destruct Ho; nra). nra.
        -- assert (5 / 8 <= et) by (destruct Hs as [Hs|Hs]; rewrite Hs in Het; destruct Ho; nra). nra.
Qed.

(** * Equality (rho = 1, m >= 2): one straight segment of one parabola_row, with any branch or none *)
Definition push (i : nat) : R := match i with 0%nat => 56 | 1%nat => 40 | _ => 1 end.
Definition moved (s : R) (j : nat) : vector := fun i => if Nat.eqb 0 j then parabola_row j i
  + s * push i else parabola_row j i.
Definition trial (s : R) (a : matrix) (q : nat -> matrix) : param := make (moved s) (fun _ _ => 1) a (fun _ _ => 0) q.
Definition extra (s : R) (k : nat) : R :=
  if Nat.eqb (whose k) 0 then s * (56 * spot k 0%nat + 40 * spot k 1%nat + 1)
  else if Nat.eqb k 7 then relu (75 * s - 3 / 2) else 0.

Lemma corner_of k : exists r, (r < 4)%nat /\ k = (whose k * 4 + r)%nat.
Proof. exists (k mod 4)%nat. split; [apply Nat.mod_upper_bound; lia | unfold whose;
  rewrite (Nat.div_mod k 4) at 1 by lia; lia]. Qed.

Lemma moved_at s k : dot parabola (moved s 0) (spot k)
  = 1 - 4 * spot k 1%nat + s * (56 * spot k 0%nat + 40 * spot k 1%nat + 1).
Proof. rewrite dot3. unfold moved. cbn [Nat.eqb]. cbn [parabola_row push INR]. change (spot k 2%nat) with 1. ring. Qed.

Lemma moved_unit s k j : 0 <= s <= 7 / 250 -> relu (dot parabola (moved s j) (spot k))
  = (if Nat.eqb (whose k) j then dot parabola (parabola_row j) (spot k) else 0)
    + (if Nat.eqb 0 j then extra s k else 0).
Proof.
  intros Hs. destruct (Nat.eq_dec j 0) as [->|Hj].
  - rewrite moved_at, row_at. change (INR 0) with 0. cbn [Nat.eqb]. unfold extra.
    destruct (corner_of k) as (r & Hr & Ek). destruct (corner (whose k) r Hr) as (P & S & T). rewrite <- Ek in P, S, T.
    destruct (Nat.eqb_spec (whose k) 0) as [E|E].
    + rewrite E in P. change (INR 0) with 0 in P. cbn [spot]. rewrite P.
      destruct (signs k) as [[Es|Es] [Et|Et]]; rewrite Es, Et; rewrite relu_pos by lra; lra.
    + destruct (Nat.eq_dec (whose k) 1) as [E1|E1].
      * rewrite E1 in P. change (INR 1) with 1 in P. cbn [spot]. rewrite P, S, T. rewrite E1 in Ek.
        destruct r as [|[|[|[|r]]]]; [| | | |lia]; subst k; cbn [Nat.eqb Nat.add Nat.mul Nat.ltb Nat.leb];
          try (rewrite relu_neg by lra; lra). rewrite Rplus_0_l. f_equal. field.
      * assert (2 <= place k).
        { rewrite P. assert (Hi : (2 <= whose k)%nat) by lia. apply le_INR in Hi. cbn [INR] in Hi. lra. }
        assert (Ek7 : Nat.eqb k 7 = false).
        { apply Nat.eqb_neq. intros ->. apply E1. reflexivity. }
        rewrite Ek7, relu_neg; [ring|]. cbn [spot].
        assert (0 <= 1 * ((place k - 2) * (place k - 2))) by nra.
        destruct (signs k) as [[Es|Es] [Et|Et]]; rewrite Es, Et; nra.
  - assert (Ej : Nat.eqb 0 j = false) by (apply Nat.eqb_neq; lia). rewrite Ej, Rplus_0_r.
    assert (Em : dot parabola (moved s j) (spot k) = dot parabola (parabola_row j) (spot k)) by (unfold dot, moved;
      rewrite Ej; reflexivity).
    rewrite Em, row_at. destruct (frame j k) as (xi & et & D & HD & Hxi & Het & E1 & E2). rewrite E2.
    destruct (signs k) as [Hs' Ht]. destruct (Nat.eqb_spec (whose k) j) as [Ho|Ho].
    + apply relu_pos. assert (place k - INR j = 0) by (rewrite <- Ho; unfold place, whose; ring). rewrite H in HD.
      subst D.
      destruct Ht as [Ht|Ht]; rewrite Ht in Het; lra.
    + apply relu_neg. apply apart in Ho. rewrite <- HD in Ho.
      destruct Hs' as [Hs'|Hs']; destruct Ht as [Ht|Ht]; rewrite Hs', Ht in Het; destruct Ho; nra.
Qed.

Lemma trial_output B s a q k : 0 <= s <= 7 / 250 -> (k < 4 * m)%nat ->
  parallel parabola m B (trial s a q) k O = 1 - sign_t k / 2 + extra s k.
Proof.
  intros Hs Hk. unfold parallel, skip, deep.
  rewrite (lsum_zero (seq 0 (branch_out B))) by (intros s' _; change (U (trial s a q) O s') with 0; ring).
  rewrite (lsum_ext (seq 0 m) _ (fun j => (if Nat.eqb (whose k) j then dot parabola (parabola_row j) (spot k) else 0)
    + (if Nat.eqb 0 j then extra s k else 0))).
  - rewrite lsum_plus. assert (Hw : (whose k < m)%nat) by (unfold whose; apply Nat.div_lt_upper_bound; lia).
    rewrite (lsum_delta m (whose k) (fun j => dot parabola (parabola_row j) (spot k))) by easy.
    rewrite (lsum_delta m 0 (fun _ => extra s k)) by lia. rewrite row_at.
    destruct (frame (whose k) k) as (xi & et & D & HD & Hxi & Het & E1 & E2). rewrite E2.
    assert (E0 : place k - INR (whose k) = 0) by (unfold place, whose; ring). rewrite E0 in HD. subst D. rewrite Het.
    field.
  - intros j _. change (V (trial s a q) j O) with 1. unfold feature. change (W (trial s a q) j) with (moved s j).
    change (input parabola k) with (spot k). rewrite moved_unit by easy. ring.
Qed.

Lemma trial_loss B s a q : rho = 1 -> (2 <= m)%nat -> 0 <= s <= 7 / 250 ->
  squared parabola (parallel parabola m B (trial s a q))
  = 1 + / (4 * INR m) * (300 * s^2 + (relu (75 * s - 3 / 2))^2 - 2 * relu (75 * s - 3 / 2)).
Proof.
  intros Hrho H2 Hs. assert (Hpos : 0 < INR m) by (apply lt_0_INR; lia). set (e := relu (75 * s - 3 / 2)).
  rewrite (squared_scalar parabola eq_refl). cbn [points parabola].
  rewrite (lsum_ext _ _ (fun k => (/ (4 * INR m) * 1
    + (if Nat.eqb (whose k) 0 then / (4 * INR m) * ((extra s k)^2 - 2 * extra s k * (sign_s k * sign_t k)) else 0))
    + (if Nat.eqb (whose k) 1 then / (4 * INR m) * (if Nat.eqb k 7 then e^2 - 2 * e else 0) else 0))).
  - rewrite !lsum_plus, (cluster_sum (fun k => / (4 * INR m) * ((extra s k)^2 - 2 * extra s k * (sign_s k * sign_t
      k)))) by lia.
    rewrite (cluster_sum (fun k => / (4 * INR m) * (if Nat.eqb k 7 then e^2 - 2 * e else 0))) by lia.
    assert (E1 : \sum_(k < 4 * m) (/ (4 * INR m) * 1) = 1).
    { rewrite lsum_scal. assert (Hc : forall n, \sum_(k < n) 1 = INR n).
      { induction n as [|n IH]; [easy|]. rewrite seq_S, lsum_app, IH, S_INR. cbn [lsum]. ring. }
      rewrite Hc, mult_INR. cbn [INR]. field. lra. }
    rewrite E1. unfold extra, spot, place, sign_s, sign_t, whose. cbn. field. lra.
  - intros k Hk. apply in_rng in Hk. cbn [weight target parabola]. rewrite trial_output by easy. rewrite Hrho.
    assert (Hc : (sign_s k * sign_t k)^2 = 1) by (destruct (signs k) as [[->| ->] [->| ->]]; ring).
    transitivity (/ (4 * INR m) * ((extra s k)^2 - 2 * extra s k * (sign_s k * sign_t k) + (sign_s k * sign_t k)^2));
      [ring|]. rewrite Hc.
    unfold extra at 1 2. destruct (Nat.eqb_spec (whose k) 0) as [E|E].
    + rewrite E. cbn [Nat.eqb]. unfold extra. rewrite E. cbn [Nat.eqb]. ring.
    + destruct (Nat.eqb_spec k 7) as [->|Hne].
      * change (whose 7) with 1%nat. cbn [Nat.eqb]. fold e. unfold sign_s, sign_t. cbn. ring.
      * destruct (Nat.eqb (whose k) 1); ring.
Qed.

Lemma at_most B a q : rho = 1 -> (2 <= m)%nat ->
  depth_at_most (fun T => squared parabola (parallel parabola m B T)) (parabola_theta a q) (3 / (100 * INR m)).
Proof.
  intros Hrho H2. assert (Hpos : 0 < INR m) by (apply lt_0_INR; lia).
  assert (E0 : parabola_theta a q = trial 0 a q).
  { apply param_ext; try easy. intros j i. change (parabola_row j i = moved 0 j i). unfold moved.
    destruct (Nat.eqb 0 j); ring. }
  assert (Hi : 0 < / (4 * INR m)) by (apply Rinv_0_lt_compat; lra).
  assert (L0 : squared parabola (parallel parabola m B (trial 0 a q)) = 1).
  { rewrite trial_loss by (try easy; lra). replace (relu (75 * 0 - 3 / 2)) with 0 by (rewrite relu_neg; lra). ring. }
  rewrite E0. apply (joined_depth _ _ (trial (7 / 250) a q)).
  - apply joined_line. intros t Ht.
    assert (El : lin t (trial 0 a q) (trial (7 / 250) a q) = trial (7 / 250 * t) a q).
    { apply functional_extensionality. intros [j i|j c|j b|c s|d s i]; unfold lin, trial, make; try ring.
      unfold moved. destruct (Nat.eqb 0 j); ring. }
    rewrite El. unfold sublevel. rewrite L0, trial_loss by (try easy; lra).
    assert (Hb : 300 * (7 / 250 * t)^2 + (relu (75 * (7 / 250 * t) - 3 / 2))^2 - 2 * relu (75 * (7 / 250 * t) - 3 / 2)
      <= 12 / 100).
    { relu_cases; nra. }
    replace (3 / (100 * INR m)) with (/ (4 * INR m) * (12 / 100)) by (field; lra). nra.
  - cbv beta. rewrite L0, trial_loss by (try easy; lra). rewrite relu_pos by lra. nra.
Qed.

(** ||h_j||^2: T10's depth is 3/125 of it *)
Lemma parabola_effect a q j : (j < m)%nat ->
  (fnorm parabola (unit_effect parabola (W (parabola_theta a q)) (V (parabola_theta a q)) j))^2 = 5 / (4 * INR m).
Proof.
  intros Hj. assert (Hpos : 0 < INR m) by (apply lt_0_INR; lia). unfold fnorm. rewrite l2norm_sq.
  cbn [points outputs parabola].
  rewrite (lsum_ext _ _ (fun k => if Nat.eqb (whose k) j then / (4 * INR m) * (1 - sign_t k / 2)^2 else 0)).
  - rewrite (cluster_sum (fun k => / (4 * INR m) * (1 - sign_t k / 2)^2)) by easy.
    destruct (corner j 0 ltac:(lia)) as (_ & _ & T0). destruct (corner j 1 ltac:(lia)) as (_ & _ & T1).
    destruct (corner j 2 ltac:(lia)) as (_ & _ & T2). destruct (corner j 3 ltac:(lia)) as (_ & _ & T3).
    rewrite T0, T1, T2, T3. field. lra.
  - intros k _. cbn [seq lsum weight parabola]. unfold unit_effect. change (V (parabola_theta a q) j 0%nat) with 1.
    change (W (parabola_theta a q) j) with (parabola_row j). change (input parabola k) with (spot k).
    replace (parabola_row j) with (fun i => moved 0 j i)
      by (apply functional_extensionality; intros i; unfold moved; destruct (Nat.eqb 0 j); ring).
    change (fun i => moved 0 j i) with (moved 0 j). rewrite moved_unit by lra.
    replace (if Nat.eqb 0 j then extra 0 k else 0) with 0.
    + destruct (Nat.eqb_spec (whose k) j) as [Ho|Ho]; [|ring]. rewrite row_at.
      destruct (frame j k) as (xi & et & D & HD & Hxi & Het & E1 & E2). rewrite E2.
      assert (E0 : place k - INR j = 0) by (rewrite <- Ho; unfold place, whose; ring). rewrite E0 in HD. subst D.
      rewrite Het. field. lra.
    + destruct (Nat.eqb 0 j); [|easy]. unfold extra. destruct (Nat.eqb (whose k) 0); [ring|].
      destruct (Nat.eqb k 7); [|easy].
      rewrite relu_neg; lra.
Qed.

(** "L = rho^2" and "||h_j||^2 = 5/(4m)", for every rho and m *)
Theorem T10P_start B a q : squared parabola (parallel parabola m B (parabola_theta a q)) = rho^2 /\
  forall j, (j < m)%nat ->
    (fnorm parabola (unit_effect parabola (W (parabola_theta a q)) (V (parabola_theta a q)) j))^2 = 5 / (4 * INR m).
Proof.
  split; [|intros j Hj; now apply parabola_effect]. assert (Hpos : 0 < INR m) by (apply lt_0_INR; lia).
  assert (E0 : parabola_theta a q = trial 0 a q).
  { apply param_ext; try easy. intros j i. change (parabola_row j i = moved 0 j i). unfold moved.
    destruct (Nat.eqb 0 j); ring. }
  rewrite E0, (squared_scalar parabola eq_refl). cbn [points parabola].
  rewrite (lsum_ext _ _ (fun _ => / (4 * INR m) * rho^2)).
  - rewrite lsum_const, seq_length, mult_INR. cbn [INR]. field. lra.
  - intros k Hk. apply in_rng in Hk. cbn [weight target parabola]. rewrite trial_output by (easy || lra).
    assert (Ez : extra 0 k = 0).
    { unfold extra. destruct (Nat.eqb (whose k) 0); [ring|]. destruct (Nat.eqb k 7); [|easy]. rewrite relu_neg; lra. }
    assert (Hc : (sign_s k * sign_t k)^2 = 1) by (destruct (signs k) as [[->| ->] [->| ->]]; ring).
    rewrite Ez. transitivity (/ (4 * INR m) * (rho^2 * (sign_s k * sign_t k)^2)); [ring|]. rewrite Hc. ring.
Qed.

(** T10P: "depth exactly 3/(100 m)", for every m >= 2 and every bias-free branch, whatever its weights *)
Theorem T10P_exact_depth B a q : rho = 1 -> (2 <= m)%nat -> ray B ->
  let F := fun T => squared parabola (parallel parabola m B T) in
  F (parabola_theta a q) = 1 /\
  (forall j, (j < m)%nat ->
    (fnorm parabola (unit_effect parabola (W (parabola_theta a q)) (V (parabola_theta a q)) j))^2 = 5 / (4 * INR m)) /\
  depth_at_most F (parabola_theta a q) (3 / (100 * INR m)) /\ depth_at_least F (parabola_theta a q) (3 / (100 * INR m)).
Proof.
  intros Hrho H2 HB F. split; [|split; [intros j Hj; now apply parabola_effect | split; [now apply at_most|]]].
  - assert (E0 : parabola_theta a q = trial 0 a q).
    { apply param_ext; try easy. intros j i. change (parabola_row j i = moved 0 j i). unfold moved.
      destruct (Nat.eqb 0 j); ring. }
    unfold F. rewrite E0, trial_loss by (try easy; lra). replace (relu (75 * 0 - 3 / 2)) with 0 by (rewrite relu_neg;
      lra). ring.
  - apply (T10P_at_least InW (parallel parabola m B) (parallel_top m B)); [now apply parallel_homogeneous | easy |].
    intros j Hj. unfold parallel_top. rewrite (lsum_zero (seq 0 (branch_out B))).
    + rewrite (lsum_ext _ _ (fun i => if Nat.eqb j i then 1 else 0)).
      * rewrite (lsum_delta m j (fun _ => 1)) by easy. ring.
      * intros i _. change (V (parabola_theta a q) i 0%nat) with 1. unfold kronecker. destruct (Nat.eqb j i); ring.
    + intros s _. change (U (parabola_theta a q) 0%nat s) with 0. ring.
Qed.
End Parabola.

(** with deep ReLU branches without biases, or none; so T10's hypotheses can be met at every width *)
Corollary T10P_deep_relu m n widths a q : (2 <= m)%nat ->
  let F := fun T => squared (parabola m 1) (parallel (parabola m 1) m (bias_free_relu n widths) T) in
  F (parabola_theta a q) = 1 /\
  depth_at_most F (parabola_theta a q) (3 / (100 * INR m)) /\ depth_at_least F (parabola_theta a q) (3 / (100 * INR m)).
Proof.
  intros Hm F. destruct (T10P_exact_depth m 1 ltac:(lia) (bias_free_relu n widths) a q eq_refl Hm (bias_free_ray n
    widths))
    as (H1 & _ & H2 & H3). easy.
Qed.
